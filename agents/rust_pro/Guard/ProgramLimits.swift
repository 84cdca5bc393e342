private import Glibc

/// What a program and all that it starts may take: set by the guard for itself, and inherited.
///
/// They stop accidents, not attacks: a program that the caller may run can do what the caller can. Limits are only
/// lowered.
enum ProgramLimits {
    /// Processes and threads of the user, this call's and all others: a fork bomb ends here.
    private static let processes: rlim_t = 16_384
    /// Added to the preference of the kernel's out-of-memory killer, of 1000: a build goes before the agent.
    private static let outOfMemoryScore = 600

    /// Applies the limits to the calling process.
    static func apply() {
        // A failing test leaves no core dumps in the project.
        lower(RLIMIT_CORE, to: 0)
        lower(__RLIMIT_NPROC, to: processes)
        // A process that wants more than the machine has gets an error by itself, before the kernel picks another.
        let pages = sysconf(CInt(_SC_PHYS_PAGES))
        let pageSize = sysconf(CInt(_SC_PAGESIZE))
        if pages > 0, pageSize > 0 { lower(RLIMIT_DATA, to: rlim_t(pages) * rlim_t(pageSize)) }
        raiseOutOfMemoryScore()
    }

    private static func lower(_ resource: __rlimit_resource, to value: rlim_t) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_cur, value)
        setrlimit(__rlimit_resource_t(resource.rawValue), &limit)
    }

    private static func raiseOutOfMemoryScore() {
        let path = "/proc/self/oom_score_adj"
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        let text = Array("\(outOfMemoryScore)".utf8)
        _ = write(descriptor, text, text.count)
        close(descriptor)
    }
}
