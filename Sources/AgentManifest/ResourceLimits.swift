/// What an agent and all that it starts may take of the machine.
///
/// Where the agent has a control group with the controller, `memory` and `processes` are what they say.
/// Elsewhere they are the nearest that setrlimit(2) has, for each process alone.
package struct ResourceLimits: Equatable, Sendable {
    /// Bytes of memory (`memory.max`, without swap: over it the kernel kills the whole instance), else
    /// of data in each process (RLIMIT_DATA: over it the process gets no more); `nil`, the default, for
    /// no limit.
    package var memory: Int?
    /// Processes and threads (`pids.max`), else those of the agent's user, which do not bind root
    /// (RLIMIT_NPROC); `nil`, the default, for no limit.
    package var processes: Int?
    /// Its share of processors that are all busy, 1...10,000 (`cpu.weight`), with no substitute
    /// elsewhere; `nil`, the default, for 100, as everybody has.
    package var cpuWeight: Int?
    /// Open descriptors (RLIMIT_NOFILE); `nil`, the default, for the supervisor's own limit.
    package var openFiles: Int?
    /// Added to the out-of-memory killer's score, -1000...1000; `nil`, the default, leaves it alone.
    package var oomScoreAdjust: Int?

    /// Makes limits that limit nothing.
    package init() {}
}
