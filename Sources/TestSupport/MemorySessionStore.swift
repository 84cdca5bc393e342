package import Supervision
package import SupervisorRuntime
private import Synchronization

/// Keeps sessions for as long as a test lasts.
package final class MemorySessionStore: SessionStoring {
    private let sessions = Mutex<[SessionID: Session]>([:])
    private let prewarming = Mutex<PrewarmPolicy?>(nil)
    private let history = Mutex<[SessionChanges]>([])

    /// All that was saved, in order.
    package var changes: [SessionChanges] { history.withLock { $0 } }

    /// Makes an empty store.
    package init() {}

    package func loadSessions() -> [Session] { sessions.withLock { Array($0.values) } }

    package func loadPrewarming() -> PrewarmPolicy? { prewarming.withLock { $0 } }

    package func save(
        _ changes: SessionChanges, failed: @escaping @Sendable (any Error) -> Void
    ) {
        history.withLock { $0.append(changes) }
        sessions.withLock { sessions in
            for id in changes.ended { sessions[id] = nil }
            for session in changes.sessions { sessions[session.id] = session }
        }
        if let policy = changes.prewarming { prewarming.withLock { $0 = policy } }
    }

    package func whenSaved(_ body: @escaping @Sendable () -> Void) { body() }

    package func finish() {}
}
