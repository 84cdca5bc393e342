package import Supervision
internal import SupervisorRuntime
private import Synchronization

/// Keeps sessions for as long as a test lasts.
package final class MemorySessionStore: SessionStoring {
    private let sessions = Mutex<SessionTable?>(nil)
    private let prewarming = Mutex<PrewarmPolicy?>(nil)

    /// Makes an empty store.
    package init() {}

    package func loadSessions() -> SessionTable? { sessions.withLock { $0 } }

    package func loadPrewarming() -> PrewarmPolicy? { prewarming.withLock { $0 } }

    package func save(_ table: SessionTable) { sessions.withLock { $0 = table } }

    package func save(_ policy: PrewarmPolicy) { prewarming.withLock { $0 = policy } }
}
