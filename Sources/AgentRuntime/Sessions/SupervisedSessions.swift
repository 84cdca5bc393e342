package import AgentAPI
private import GRPCCore
private import Synchronization

/// The sessions of the fleet, as the supervisor knows them.
///
/// The first call of a session asks the supervisor and holds on to the session; the calls after it cost a look into a
/// table. While calls come or run, the lease is renewed in the background. When a `Session` stream opens or ends, the
/// supervisor is told.
package final class SupervisedSessions: SessionValidating {
    /// How often the lease of a session in use is renewed, by default.
    ///
    /// A lease is many times longer.
    package static let defaultRenewalInterval = Duration.seconds(30)

    private struct Session {
        var calls: [ObjectIdentifier: RunningCall] = [:]
        /// False once the supervisor is gone: calls go on, but the next one has to ask again.
        var isHeld = true
        var wasUsed = false
        var holder: Task<Void, Never>?
        /// What the supervisor is to know of it, and how it gets to know.
        var streams = SessionStreams()
        var updates: AsyncStream<SessionStreams>.Continuation?
    }

    private let sessions = Mutex<[String: Session]>([:])
    private let openings: CallCoalescer<String, Void>
    private let supervisor: any SessionHolding
    private let renewalInterval: Duration
    private let executor: (any TaskExecutor)?

    /// Creates an empty table.
    ///
    /// - Parameters:
    ///   - supervisor: Is asked about each session once.
    ///   - renewalInterval: How often the lease of a session in use is renewed; 30 s by default.
    ///   - executor: Where the conversation with the supervisor runs; the global executor where nil.
    package init(
        _ supervisor: any SessionHolding, renewalInterval: Duration = defaultRenewalInterval,
        executor: (any TaskExecutor)? = nil
    ) {
        self.supervisor = supervisor
        self.renewalInterval = renewalInterval
        self.executor = executor
        openings = CallCoalescer(executor: executor)
    }

    /// Lets go of all sessions, which does not end them; their calls go on.
    package func releaseAll() {
        let sessions = sessions.withLock { $0.values.map(\.holder) }
        for holder in sessions { holder?.cancel() }
    }

    package func register(_ call: RunningCall, in sessionID: String) async throws {
        try await use(sessionID) { $0.calls[ObjectIdentifier(call)] = call }
    }

    package func unregister(_ call: RunningCall, from sessionID: String) {
        sessions.withLock { sessions in
            sessions[sessionID]?.calls[ObjectIdentifier(call)] = nil
            if let session = sessions[sessionID], !session.isHeld, session.calls.isEmpty {
                sessions[sessionID] = nil
            }
        }
    }

    package func renew(_ sessionID: String) async throws {
        try await use(sessionID) { _ in }
    }

    package func conversationBegan(in sessionID: String) {
        tell(of: sessionID) { $0.streams.opened += 1 }
    }

    package func conversationEnded(in sessionID: String) {
        tell(of: sessionID) { session in
            session.streams.ended += 1
            // What was used before is no sign that its client still is there.
            session.wasUsed = false
        }
    }

    private func tell(of id: String, _ change: (inout Session) -> Void) {
        sessions.withLock { sessions in
            guard var session = sessions.removeValue(forKey: id) else { return }
            change(&session)
            // In the lock, so that the newest is the last: it is the one that is kept.
            session.updates?.yield(session.streams)
            sessions[id] = session
        }
    }

    private func use(
        _ id: String, _ update: @Sendable (inout Session) -> Void
    ) async throws {
        while true {
            let isHeld = sessions.withLock { sessions in
                guard sessions[id]?.isHeld == true, var session = sessions.removeValue(forKey: id)
                else { return false }
                session.wasUsed = true
                update(&session)
                sessions[id] = session
                return true
            }
            if isHeld { return }
            try SessionID.check(id)
            try await openings.value(for: id) { try await self.open(id) }
        }
    }

    /// Returns when the session is held.
    private func open(_ id: String) async throws {
        let (opened, opening) = AsyncThrowingStream<Void, any Error>.makeStream()
        let holder = Task(executorPreference: executor) {
            do {
                try await self.hold(id) { updates in
                    self.began(id, updates)
                    opening.finish()
                }
                self.ended(id)
                opening.finish(throwing: RPCError.unknownSession(id))
            } catch {
                self.lost(id)
                opening.finish(throwing: error)
            }
        }
        do {
            for try await _ in opened {}
            try Task.checkCancellation()
        } catch {
            holder.cancel()
            throw error
        }
        sessions.withLock { $0[id]?.holder = holder }
    }

    private func hold(
        _ id: String,
        onHeld: @escaping @Sendable (AsyncStream<SessionStreams>.Continuation) -> Void
    ) async throws {
        // The newest says all that those before it said.
        let (updates, update) = AsyncStream<SessionStreams>.makeStream(
            bufferingPolicy: .bufferingNewest(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [renewalInterval] in
                while true {
                    try await Task.sleep(for: renewalInterval)
                    self.renewIfUsed(id)
                }
            }
            try await supervisor.hold(id, updates: updates) { onHeld(update) }
            group.cancelAll()
        }
    }

    /// Renews the lease of a session that had calls since this was asked last, or has some now.
    private func renewIfUsed(_ id: String) {
        sessions.withLock { sessions in
            guard let session = sessions[id], session.wasUsed || !session.calls.isEmpty else {
                return
            }
            sessions[id]?.wasUsed = false
            session.updates?.yield(session.streams)
        }
    }

    private func began(_ id: String, _ updates: AsyncStream<SessionStreams>.Continuation) {
        sessions.withLock { sessions in
            var session = sessions.removeValue(forKey: id) ?? Session()
            session.isHeld = true
            // This supervisor has heard of none that is over.
            session.streams.opened -= session.streams.ended
            session.streams.ended = 0
            session.updates = updates
            if session.streams.opened > 0 { updates.yield(session.streams) }
            sessions[id] = session
        }
    }

    private func ended(_ id: String) {
        let session = sessions.withLock { $0.removeValue(forKey: id) }
        for call in (session?.calls ?? [:]).values { call.end(.sessionEnded(id)) }
    }

    private func lost(_ id: String) {
        sessions.withLock { sessions in
            guard let session = sessions[id] else { return }
            sessions[id] = session.calls.isEmpty ? nil : session
            sessions[id]?.isHeld = false
        }
    }
}
