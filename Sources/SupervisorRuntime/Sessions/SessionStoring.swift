package import Supervision

/// Keeps what is known of sessions from one supervisor to the next: in files, or nowhere in tests.
package protocol SessionStoring: Sendable {
    /// The sessions that were saved since the machine started; `nil` where there are none.
    func loadSessions() -> SessionTable?

    /// What was learned from sessions, whenever that was; `nil` where there is nothing.
    func loadPrewarming() -> PrewarmPolicy?

    /// Saves the sessions.
    ///
    /// - Parameter table: All of them.
    /// - Throws: Why they could not be saved.
    func save(_ table: SessionTable) throws

    /// Saves what was learned from sessions.
    ///
    /// - Parameter policy: All of it.
    /// - Throws: Why it could not be saved.
    func save(_ policy: PrewarmPolicy) throws
}
