import AgentManifest
import Supervision

/// The sessions of the simulation: the table and the policy under test, and what must be true of them.
struct SimulatedSessions {
    private(set) var table = SessionTable()
    private var prewarming = PrewarmPolicy()
    private let policy = SessionPolicy(SessionSettings())
    /// What is known of each session that must be there.
    private var known: [SessionID: Known] = [:]
    /// The agents that ended sessions called, by client, the oldest first.
    private var used: [String: [Set<AgentID>]] = [:]

    private struct Known {
        let client: String
        var calls = 0
        var streams = 0
        var usedAt: Instant
        /// When its last stream ended, if nothing has happened since.
        var streamEndedAt: Instant?
        var called: Set<AgentID> = []
    }

    var nextExpiry: Instant? { table.nextExpiry(policy) }

    func needs(_ agent: AgentID) -> Bool { table.needs(agent) }

    mutating func start(_ id: SessionID, client: String, at now: Instant) throws(BrokenRule) {
        let outcome = table.start(id, client: client, metadata: [:], at: now)
        try BrokenRule.unless(
            outcome == (known[id] == nil ? .started : .found), "a session is started once")
        known[id, default: Known(client: client, usedAt: now)].usedAt = now
        known[id]?.streamEndedAt = nil
        let agents = prewarming.agents(for: client, configured: [:])
        let last = (used[client] ?? []).suffix(20)
        try BrokenRule.unless(
            Set(agents)
                == Set(last.joined()).filter { agent in
                    last.count { $0.contains(agent) } * 2 >= last.count
                }, "what half of the last 20 sessions used is prewarmed")
        table.keep(agents, for: id)
    }

    mutating func end(_ id: SessionID) throws(BrokenRule) {
        switch table.end(id) {
        case .ended(let session): try finish(session)
        case .hadEnded, .unknown:
            try BrokenRule.unless(known[id] == nil, "no session is forgotten")
        }
    }

    /// Begins a call; `false` if there is no such session.
    mutating func beginCall(
        to agent: AgentID, of id: SessionID, at now: Instant
    ) throws(BrokenRule) -> Bool {
        let isThere = table.beginCall(to: agent, of: id, at: now)
        try BrokenRule.unless(isThere == (known[id] != nil), "calls are of known sessions")
        known[id]?.calls += 1
        known[id]?.usedAt = now
        known[id]?.streamEndedAt = nil
        known[id]?.called.insert(agent)
        if isThere { try BrokenRule.unless(table.needs(agent), "a session keeps what it called") }
        return isThere
    }

    mutating func endCall(of id: SessionID, at now: Instant) {
        table.endCall(of: id, at: now)
        guard let session = known[id], session.calls > 0 else { return }
        known[id]?.calls -= 1
        known[id]?.usedAt = now
    }

    mutating func openStream(of id: SessionID, at now: Instant) throws(BrokenRule) {
        let isThere = table.openStream(of: id, at: now)
        try BrokenRule.unless(isThere == (known[id] != nil), "streams are of known sessions")
        known[id]?.streams += 1
        known[id]?.usedAt = now
        known[id]?.streamEndedAt = nil
    }

    mutating func closeStream(of id: SessionID, at now: Instant) {
        table.closeStream(of: id, at: now)
        guard let session = known[id], session.streams > 0 else { return }
        known[id]?.streams -= 1
        if session.streams == 1 { known[id]?.streamEndedAt = now }
    }

    mutating func expire(at now: Instant) throws(BrokenRule) {
        for session in table.expire(policy, at: now) {
            let end = known[session.id].flatMap(expectedEnd)
            try BrokenRule.unless(
                end.map { $0 <= now } ?? false, "a session lasts for its lease, or its grace",
                "\(session.id) was to last until \(end.map { "\($0)" } ?? "its calls end")")
            try finish(session)
        }
    }

    /// Goes on in the next supervisor.
    mutating func resume(at now: Instant) {
        table = SessionTable(resuming: table.sessions, at: now)
        for (id, session) in known {
            if session.calls > 0 { known[id]?.usedAt = now }
            if session.streams > 0 { known[id]?.streamEndedAt = now }
            known[id]?.calls = 0
            known[id]?.streams = 0
        }
    }

    /// What must hold whenever all that was due has happened.
    func checkInstant(_ now: Instant) throws(BrokenRule) {
        try BrokenRule.unless(
            known.values.allSatisfy { expectedEnd($0).map { $0 > now } ?? true },
            "no session outlives its lease or its grace")
        try BrokenRule.unless(
            table.count == known.count && known.keys.allSatisfy { table[$0] != nil },
            "sessions are there until they end")
    }

    private mutating func finish(_ session: Session) throws(BrokenRule) {
        guard let expected = known.removeValue(forKey: session.id) else {
            throw BrokenRule(rule: "a session ends once", detail: "\(session.id)")
        }
        try BrokenRule.unless(
            session.usedAgents == expected.called, "a session knows what it called")
        used[session.client, default: []].append(expected.called)
        prewarming.learn(from: session)
    }

    private func expectedEnd(_ session: Known) -> Instant? {
        guard session.calls == 0 else { return nil }
        guard let ended = session.streamEndedAt else {
            return session.usedAt.advanced(by: .seconds(15 * 60))
        }
        return max(ended, session.usedAt).advanced(by: .seconds(30))
    }
}
