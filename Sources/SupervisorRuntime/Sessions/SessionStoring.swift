package import Supervision

/// Keeps what is known of sessions from one supervisor to the next: in files, or nowhere in tests.
package protocol SessionStoring: Sendable {
    /// The sessions that were saved since the machine started.
    func loadSessions() -> [Session]

    /// What was learned from sessions, whenever that was; `nil` where there is nothing.
    func loadPrewarming() -> PrewarmPolicy?

    /// Saves changes after those that were given before, without making the caller wait.
    ///
    /// - Parameters:
    ///   - changes: What is to be saved.
    ///   - failed: Called on any thread with each thing that could not be saved, and why.
    func save(_ changes: SessionChanges, failed: @escaping @Sendable (any Error) -> Void)

    /// Calls back, on any thread, when all changes that were given before have been dealt with.
    ///
    /// - Parameter body: What to call.
    func whenSaved(_ body: @escaping @Sendable () -> Void)

    /// Blocks until all changes that were given before have been dealt with.
    func finish()
}
