package import Supervision

/// What is known of the supervisor itself.
package struct SupervisorFacts: Sendable {
    /// Its process.
    package let pid: Int32
    /// The version of its program.
    package let version: String
    /// When it was started.
    package let startedAt: Instant

    /// Names the facts.
    ///
    /// - Parameters:
    ///   - pid: Its process.
    ///   - version: The version of its program.
    ///   - startedAt: When it was started.
    package init(pid: Int32, version: String, startedAt: Instant) {
        self.pid = pid
        self.version = version
        self.startedAt = startedAt
    }
}
