package import AgentManifest

/// The sessions of the fleet: who uses it, until when, and which agents are kept for them.
///
/// Its sessions can be stored and taken up by the next supervisor on the same boot of the machine.
package struct SessionTable: Equatable, Sendable {
    /// How many sessions there can be at once.
    package static let capacity = 10_000
    /// How many ended sessions are remembered, to tell an ended one from one that never was.
    private static let rememberedEnds = 1_000

    private var byID: [SessionID: Session] = [:]
    private var ended: [SessionID] = []

    /// Makes an empty table.
    package init() {}

    /// Takes up the sessions of an earlier supervisor, of which no call and no stream goes on.
    ///
    /// - Parameters:
    ///   - sessions: The sessions.
    ///   - now: The present.
    package init(resuming sessions: [Session], at now: Instant) {
        for var session in sessions {
            if session.activeCalls != 0 { session.lastUsedAt = now }
            if session.streams != 0 { session.streamEndedAt = now }
            session.activeCalls = 0
            session.streams = 0
            byID[session.id] = session
        }
    }

    /// What starting a session led to.
    package enum StartOutcome: Equatable, Sendable {
        /// There is a new session.
        case started
        /// There is a session of that name already; its lease is renewed.
        case found
        /// There are too many sessions.
        case full
    }

    /// What ending a session led to.
    package enum EndOutcome: Equatable, Sendable {
        /// This session ended.
        case ended(Session)
        /// The session had ended before.
        case hadEnded
        /// There was no session of that name.
        case unknown
    }

    /// The sessions, the oldest first.
    package var sessions: [Session] {
        byID.values.sorted { ($0.startedAt, $0.id.rawValue) < ($1.startedAt, $1.id.rawValue) }
    }

    /// How many sessions there are.
    package var count: Int { byID.count }

    /// Finds a session.
    ///
    /// - Parameter id: Its name.
    /// - Returns: `nil` if there is none.
    package subscript(id: SessionID) -> Session? { byID[id] }

    /// Starts a session, or renews the lease of the one that has the name.
    ///
    /// - Parameters:
    ///   - id: Its name.
    ///   - client: The kind of client.
    ///   - metadata: What the client says about itself.
    ///   - now: The present.
    /// - Returns: Whether there is a new session, or room for one.
    package mutating func start(
        _ id: SessionID, client: String, metadata: [String: String], at now: Instant
    ) -> StartOutcome {
        guard !renew(id, at: now) else { return .found }
        guard byID.count < Self.capacity else { return .full }
        byID[id] = Session(id: id, client: client, metadata: metadata, at: now)
        ended.removeAll { $0 == id }
        return .started
    }

    /// Ends a session.
    ///
    /// - Parameter id: Its name.
    /// - Returns: The session, if there is one.
    package mutating func end(_ id: SessionID) -> EndOutcome {
        guard let session = byID.removeValue(forKey: id) else {
            return ended.contains(id) ? .hadEnded : .unknown
        }
        ended.append(id)
        if ended.count > Self.rememberedEnds { ended.removeFirst() }
        return .ended(session)
    }

    /// Ends the sessions whose lease or grace is over.
    ///
    /// - Parameters:
    ///   - policy: How long sessions last.
    ///   - now: The present.
    /// - Returns: The sessions that ended.
    package mutating func expire(_ policy: SessionPolicy, at now: Instant) -> [Session] {
        let expired = sessions.filter { $0.expiry(policy).map { $0 <= now } ?? false }
        for session in expired { _ = end(session.id) }
        return expired
    }

    /// When `expire` is due next.
    ///
    /// - Parameter policy: How long sessions last.
    /// - Returns: `nil` if no session can expire as things are.
    package func nextExpiry(_ policy: SessionPolicy) -> Instant? {
        byID.values.compactMap { $0.expiry(policy) }.min()
    }

    /// When a session ends unless it is used.
    ///
    /// - Parameters:
    ///   - id: Its name.
    ///   - policy: How long sessions last.
    /// - Returns: `nil` while one of its calls runs, or if there is no such session.
    package func expiry(of id: SessionID, _ policy: SessionPolicy) -> Instant? {
        byID[id]?.expiry(policy)
    }

    /// Renews a session's lease, which also ends the grace that the end of a stream began.
    ///
    /// - Parameters:
    ///   - id: Its name.
    ///   - now: The present.
    /// - Returns: Whether there is such a session.
    package mutating func renew(_ id: SessionID, at now: Instant) -> Bool {
        guard byID[id] != nil else { return false }
        byID[id]?.lastUsedAt = now
        byID[id]?.streamEndedAt = nil
        return true
    }

    /// Keeps agents running for a session.
    ///
    /// - Parameters:
    ///   - agents: The agents.
    ///   - id: The session's name.
    package mutating func keep(_ agents: some Sequence<AgentID>, for id: SessionID) {
        byID[id]?.agents.formUnion(agents)
    }

    /// Notes that a call of a session begins, which keeps the agent running for it.
    ///
    /// - Parameters:
    ///   - agent: The agent that is called.
    ///   - id: The session's name.
    ///   - now: The present.
    /// - Returns: Whether there is such a session.
    package mutating func beginCall(to agent: AgentID, of id: SessionID, at now: Instant) -> Bool {
        guard renew(id, at: now) else { return false }
        byID[id]?.activeCalls += 1
        byID[id]?.agents.insert(agent)
        byID[id]?.usedAgents.insert(agent)
        return true
    }

    /// Notes that a call of a session ended; of no consequence if the session did before.
    ///
    /// - Parameters:
    ///   - id: The session's name.
    ///   - now: The present.
    package mutating func endCall(of id: SessionID, at now: Instant) {
        guard let session = byID[id], session.activeCalls > 0 else { return }
        byID[id]?.activeCalls -= 1
        byID[id]?.lastUsedAt = now
    }

    /// Notes that a `Session` stream opened.
    ///
    /// - Parameters:
    ///   - id: The session's name.
    ///   - now: The present.
    /// - Returns: Whether there is such a session.
    package mutating func openStream(of id: SessionID, at now: Instant) -> Bool {
        guard renew(id, at: now) else { return false }
        byID[id]?.streams += 1
        return true
    }

    /// Notes that a `Session` stream ended: with the last one the grace begins.
    ///
    /// - Parameters:
    ///   - id: The session's name.
    ///   - now: The present.
    package mutating func closeStream(of id: SessionID, at now: Instant) {
        guard let session = byID[id], session.streams > 0 else { return }
        byID[id]?.streams -= 1
        if session.streams == 1 { byID[id]?.streamEndedAt = now }
    }

    /// Whether an agent is kept for a session.
    ///
    /// - Parameter agent: The agent.
    /// - Returns: Whether any session needs it.
    package func needs(_ agent: AgentID) -> Bool {
        byID.values.contains { $0.agents.contains(agent) }
    }
}
