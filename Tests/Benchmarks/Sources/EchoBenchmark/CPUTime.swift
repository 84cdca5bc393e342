private import Glibc

/// Processor time that a process has used, in user and kernel mode, on all its threads.
struct CPUTime {
    let nanoseconds: Int

    static func ofThisProcess() -> CPUTime {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return CPUTime(nanoseconds: time.tv_sec * 1_000_000_000 + time.tv_nsec)
    }

    static func - (later: CPUTime, earlier: CPUTime) -> Duration {
        .nanoseconds(later.nanoseconds - earlier.nanoseconds)
    }
}
