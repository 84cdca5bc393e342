import Glibc

/// Whether the kernel has what the supervisor starts and ends processes with.
struct KernelCheck: Check {
    /// The release, as uname(2) has it.
    let release: String

    /// Since which kernel, what, and what is done without it.
    private static let features: [(version: (Int, Int), name: String, without: String)] = [
        ((5, 7), "CLONE_INTO_CGROUP", "agents share the supervisor's control group"),
        ((5, 14), "cgroup.kill", "what leaves its process group is searched for in /proc"),
    ]
    /// The first with clone3, pidfds and close_range, without which no agent is started.
    private static let oldest = (5, 9)

    func findings() -> [Finding] {
        let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        guard numbers.count == 2 else {
            return [
                .warning(
                    "kernel", "\(release) has no version that is understood",
                    remedy: "make sure that it is 5.14 or later")
            ]
        }
        let version = (numbers[0], numbers[1])
        guard version >= Self.oldest else {
            return [
                .error(
                    "kernel",
                    "\(release) lacks clone3, pidfds or close_range: no agent can be started",
                    remedy: "boot 5.14 or later")
            ]
        }
        let missing = Self.features.filter { version < $0.version }
        guard missing.isEmpty else {
            return missing.map {
                .warning(
                    "kernel", "\(release) lacks \($0.name): \($0.without)",
                    remedy: "boot \($0.version.0).\($0.version.1) or later")
            }
        }
        return [.ok("kernel", "\(release) has pidfds, CLONE_INTO_CGROUP and cgroup.kill")]
    }
}

extension KernelCheck {
    /// Asks the kernel that runs.
    init() {
        release = SmallFile.text("/proc/sys/kernel/osrelease")?.filter { !$0.isNewline } ?? ""
    }
}
