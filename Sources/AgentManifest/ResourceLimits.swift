/// What an agent's process may take of the machine.
package struct ResourceLimits: Equatable, Sendable {
    /// Address space in bytes (RLIMIT_AS); `nil`, the default, for no limit.
    package var memory: Int?
    /// Processes and threads of the agent's user (RLIMIT_NPROC); `nil`, the default, for no limit.
    package var processes: Int?
    /// Open descriptors (RLIMIT_NOFILE); `nil`, the default, for the supervisor's own limit.
    package var openFiles: Int?
    /// Added to the out-of-memory killer's score, -1000...1000; `nil`, the default, leaves it alone.
    package var oomScoreAdjust: Int?

    /// Makes limits that limit nothing.
    package init() {}
}
