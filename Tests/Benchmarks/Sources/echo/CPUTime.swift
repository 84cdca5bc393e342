internal import Glibc

/// Processor time that a process has used, in user and kernel mode, on all its threads.
struct CPUTime {
    private let nanoseconds: Int

    /// - Throws: ``Failure`` where there is no such process.
    static func of(_ process: pid_t) throws(Failure) -> CPUTime {
        var clock = clockid_t()
        let code = clock_getcpuclockid(process, &clock)
        var time = timespec()
        guard code == 0, clock_gettime(clock, &time) == 0 else { throw Failure(process: process) }
        return CPUTime(nanoseconds: time.tv_sec * 1_000_000_000 + time.tv_nsec)
    }

    static func - (later: CPUTime, earlier: CPUTime) -> Duration {
        .nanoseconds(later.nanoseconds - earlier.nanoseconds)
    }

    struct Failure: Error, CustomStringConvertible {
        let process: pid_t
        var description: String {
            "cannot read the processor time of process \(process): it has ended"
        }
    }
}
