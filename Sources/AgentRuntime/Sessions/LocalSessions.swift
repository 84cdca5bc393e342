package import AgentAPI
package import GRPCCore
private import Synchronization

/// The sessions of an agent that runs without a supervisor.
///
/// A session ends by EndSession, or when it had no call for its lease and another one is started.
package final class LocalSessions: SessionValidating {
    /// A session without a call for so long may go.
    package static let lease = Duration.seconds(15 * 60)
    /// The most sessions at once.
    package static let maxSessions = 1000
    /// The most ended sessions whose ids are remembered.
    private static let maxEnded = 1000

    private struct Session {
        var lastUse: ContinuousClock.Instant
        var calls: [ObjectIdentifier: RunningCall] = [:]
    }

    private struct State {
        var sessions: [String: Session] = [:]
        /// Ended, the latest last.
        var ended: [String] = []

        mutating func remove(_ id: String) -> Session? {
            guard let session = sessions.removeValue(forKey: id) else { return nil }
            if ended.count >= maxEnded { ended.removeFirst() }
            ended.append(id)
            return session
        }
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> ContinuousClock.Instant

    /// Creates an empty set.
    ///
    /// - Parameter now: The clock.
    package init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.now = now
    }

    /// Opens a session, or finds it open.
    ///
    /// - Parameter id: Chosen by the client; empty to be given one.
    /// - Returns: Its id.
    /// - Throws: INVALID_ARGUMENT for a bad id, RESOURCE_EXHAUSTED for too many sessions.
    package func start(_ id: String) throws(RPCError) -> String {
        let id = id.isEmpty ? SessionID.random() : id
        try SessionID.check(id)
        let now = now()
        try state.withLock { state throws(RPCError) in
            if state.sessions[id] != nil {
                state.sessions[id]?.lastUse = now
                return
            }
            let expired = state.sessions.filter {
                $0.value.calls.isEmpty && now - $0.value.lastUse > Self.lease
            }
            for id in expired.keys { _ = state.remove(id) }
            guard state.sessions.count < Self.maxSessions else {
                throw RPCError(
                    code: .resourceExhausted,
                    message: "cannot start the session \"\(id)\": \(Self.maxSessions) are open; "
                        + "end one of them with EndSession")
            }
            state.ended.removeAll { $0 == id }
            state.sessions[id] = Session(lastUse: now)
        }
        return id
    }

    /// Ends a session and its calls; ending it again does nothing.
    ///
    /// - Parameter id: The session.
    /// - Returns: The running calls that were cancelled.
    /// - Throws: NOT_FOUND for a session that was never started.
    @discardableResult
    package func end(_ id: String) throws(RPCError) -> Int {
        let session = try state.withLock { state throws(RPCError) -> Session? in
            if let session = state.remove(id) { return session }
            guard state.ended.contains(id) else { throw .unknownSession(id) }
            return nil
        }
        guard let calls = session?.calls.values else { return 0 }
        for call in calls { call.end(.sessionEnded(id)) }
        return calls.count { !$0.isContainer }
    }

    package func register(_ call: RunningCall, in sessionID: String) async throws {
        try use(sessionID) { $0.calls[ObjectIdentifier(call)] = call }
    }

    package func unregister(_ call: RunningCall, from sessionID: String) {
        state.withLock { $0.sessions[sessionID]?.calls[ObjectIdentifier(call)] = nil }
    }

    package func renew(_ sessionID: String) async throws {
        try use(sessionID) { _ in }
    }

    private func use(_ id: String, _ update: (inout Session) -> Void) throws(RPCError) {
        let now = now()
        try state.withLock { state throws(RPCError) in
            guard var session = state.sessions[id] else { throw .unknownSession(id) }
            session.lastUse = now
            update(&session)
            state.sessions[id] = session
        }
    }
}
