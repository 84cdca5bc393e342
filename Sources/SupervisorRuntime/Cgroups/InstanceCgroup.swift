internal import AgentManifest
private import Glibc
internal import LinuxIO
internal import Supervision

/// The control group of one instance of an agent: its leader is born in it, and whatever that starts stays in it.
final class InstanceCgroup: Sendable {
    /// Where the leader is born.
    let cgroup: Cgroup

    private let memoryLimit: Int?
    private let key: String
    private let onRemoval: @Sendable () -> Void

    /// Takes a new one.
    ///
    /// - Parameters:
    ///   - cgroup: The control group.
    ///   - memoryLimit: The limit on its memory that will be in force, in bytes.
    ///   - key: The configuration's key that sets this.
    ///   - onRemoval: Removes it.
    init(
        _ cgroup: Cgroup, memoryLimit: Int?, key: String, onRemoval: @escaping @Sendable () -> Void
    ) {
        self.cgroup = cgroup
        self.memoryLimit = memoryLimit
        self.key = key
        self.onRemoval = onRemoval
    }

    /// Puts limits into force, and gives it to its processes.
    func apply(
        _ limits: ResourceLimits, by controllers: Set<CgroupController>
    ) throws(SystemError) {
        // So that the agent can keep its programs apart; on an old kernel it does without.
        do { try cgroup.delegate() } catch  where error.code == EOPNOTSUPP {}
        if controllers.contains(.memory), let memory = limits.memory {
            try cgroup.write("\(memory)", to: "memory.max")
            // There is none where the kernel has no swap.
            do { try cgroup.write("0", to: "memory.swap.max") } catch  where error.code == ENOENT {}
            // Half an agent is none: what is left would not know what it has lost.
            try cgroup.write("1", to: "memory.oom.group")
        }
        if controllers.contains(.pids), let processes = limits.processes {
            try cgroup.write("\(processes)", to: "pids.max")
        }
        if controllers.contains(.cpu), let weight = limits.cpuWeight {
            try cgroup.write("\(weight)", to: "cpu.weight")
        }
    }

    /// How the instance ended, given how its leader did; to be asked before it is removed.
    func status(of exit: ProcessExit) -> ExitStatus {
        status(of: exit, after: MemoryEvents(cgroup.read("memory.events")))
    }

    /// How it ended, given what happened to its memory.
    func status(of exit: ProcessExit, after events: MemoryEvents) -> ExitStatus {
        let status = ExitStatus(exit)
        guard status == .signaled(SIGKILL), events.killed > 0 else { return status }
        guard let memoryLimit, events.limitReached > 0 else { return .outOfMemory }
        return .overMemoryLimit(bytes: memoryLimit, key: key)
    }

    /// Removes it, now or when the last of its processes is gone.
    func remove() { onRemoval() }
}
