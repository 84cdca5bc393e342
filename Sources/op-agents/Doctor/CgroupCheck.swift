/// Whether agents get control groups of their own.
struct CgroupCheck: Check {
    /// Whether the one hierarchy of cgroups(7) version 2 is mounted.
    let isUnified: Bool
    /// The supervisor's control group; `nil` where none runs.
    let supervisorGroup: String?
    /// Whether the supervisor's user owns that group, and so may make others in it.
    let isDelegated: Bool

    func findings() -> [Finding] {
        guard isUnified else {
            return [
                .warning(
                    "cgroups",
                    "there is no cgroup v2: limits hold for each process alone",
                    remedy: "boot with systemd.unified_cgroup_hierarchy=1")
            ]
        }
        guard let supervisorGroup else { return [.ok("cgroups", "version 2")] }
        guard isDelegated else {
            return [
                .warning(
                    "cgroups",
                    "\(supervisorGroup) is not the supervisor's: agents have no groups of their own",
                    remedy: "run op-supervisor as its unit, which has Delegate=yes")
            ]
        }
        return [.ok("cgroups", "version 2, \(supervisorGroup) is the supervisor's")]
    }
}

extension CgroupCheck {
    /// Looks where the supervisor is.
    init(_ surroundings: Surroundings) {
        let root = "/sys/fs/cgroup"
        isUnified = FileFacts(root + "/cgroup.controllers") != nil
        let pid = surroundings.supervisorID
        // `0::/system.slice/op-supervisor.service` (cgroups(7)).
        let line = pid.flatMap { SmallFile.text("/proc/\($0)/cgroup") }?
            .split(separator: "\n").first { $0.hasPrefix("0::") }
        supervisorGroup = line.map { String($0.dropFirst(3)) }
        let user = pid.flatMap { FileFacts("/proc/\($0)")?.owner }
        // Not the root of the hierarchy, which is nobody's service.
        isDelegated =
            supervisorGroup.map { group in
                group != "/" && FileFacts(root + group)?.owner == user
            } ?? false
    }
}
