internal import AgentManifest
private import Glibc
internal import LinuxIO
private import Synchronization

/// The control group that was given to this process (`Delegate=yes`), divided: a leaf for the supervisor, and beside it
/// one for each instance of an agent.
///
/// A control group that hands controllers down may hold no processes itself (the "no internal processes" rule of
/// cgroups(7)): hence the leaf.
package final class FleetCgroup: Sendable {
    /// The leaf's name, which no instance can have: those have a `-`.
    private static let ownName = "supervisor"
    /// How long what an earlier supervisor left may take to vanish when it is killed.
    private static let remainsLimit = Duration.seconds(2)

    /// What has no cgroup and why, as half a sentence with "agents" as its subject.
    package struct Unavailable: Error, Sendable, CustomStringConvertible {
        /// Whether one was given that cannot be used, which somebody should look into.
        package let isFailure: Bool
        /// The reason and the remedy.
        package let reason: String

        package var description: String {
            "agents have process groups and limits for each process, not control groups: \(reason)"
        }
    }

    /// What can be limited in it.
    package let controllers: Set<CgroupController>

    private let cgroup: Cgroup
    private let instances = Mutex(Instances())

    private struct Instances {
        var last = 0
        /// The names of those that run.
        var running: Set<String> = []
    }

    /// Moves this process into the leaf, ends what an earlier supervisor left, and hands the controllers down.
    ///
    /// Blocks for as long as something of an earlier supervisor dies, two seconds at most.
    ///
    /// - Throws: ``Unavailable`` where none was given to this process.
    package static func claim() throws(Unavailable) -> FleetCgroup {
        let own: Cgroup?
        do {
            own = try Cgroup.own()
        } catch {
            throw Unavailable(isFailure: true, reason: "\(error)")
        }
        guard let own else {
            throw Unavailable(
                isFailure: false,
                reason: "this machine mounts none of version 2 where this process is")
        }
        do {
            if own.isDelegated { return try FleetCgroup(own) }
            // As DelegateSubgroup= of systemd 254 has it, or one that took another's place.
            if own.name == ownName, case let parent = try own.parent(), parent.isDelegated {
                return try FleetCgroup(parent)
            }
        } catch {
            throw Unavailable(
                isFailure: true,
                reason:
                    "\(error); give the supervisor's unit Delegate=yes and ProtectControlGroups=no")
        }
        throw Unavailable(
            isFailure: false,
            reason: "\(own.path) is not this process's own; the unit's Delegate=yes gives it one")
    }

    /// Divides a control group in which this process is, or in whose leaf.
    ///
    /// - Parameter cgroup: The control group.
    /// - Throws: ``SystemError`` where this process may not divide it.
    init(_ cgroup: Cgroup) throws(SystemError) {
        self.cgroup = cgroup
        if !cgroup.children.contains(Self.ownName) { _ = try cgroup.makeChild(Self.ownName) }
        // Before the controllers are handed down, which is refused while it holds a process.
        try Cgroup(path: "\(cgroup.path)/\(Self.ownName)").enter()
        controllers = try Self.handDownControllers(in: cgroup)
        removeRemains(within: Self.remainsLimit)
    }

    private static func handDownControllers(
        in cgroup: Cgroup
    ) throws(SystemError) -> Set<CgroupController> {
        let available = cgroup.read("cgroup.controllers").split(whereSeparator: \.isWhitespace)
        let wanted = CgroupController.allCases.filter { available.contains($0.rawValue[...]) }
        for controller in wanted {
            try cgroup.write("+\(controller.rawValue)", to: "cgroup.subtree_control")
        }
        return Set(wanted)
    }

    /// What is in force, for the log.
    package var description: String {
        let subjects = CgroupController.allCases.filter(controllers.contains).map(\.subject)
        let limits =
            subjects.isEmpty
            ? "which has no controllers: limits are for each process"
            : "with limits of \(subjects.joined(separator: ", "))"
        return "agents have control groups of their own in \(cgroup.path), \(limits)"
    }
}

// MARK: - Instances

extension FleetCgroup {
    /// Makes the control group of one instance.
    ///
    /// - Parameters:
    ///   - agent: The agent.
    ///   - limits: What the instance may take; what has no controller here is left out.
    /// - Returns: The new one.
    /// - Throws: ``SystemError`` where it cannot be made; then none is left.
    func makeInstance(
        of agent: AgentID, limits: ResourceLimits
    ) throws(SystemError) -> InstanceCgroup {
        let (name, cgroup) = try makeCgroup(of: agent)
        do {
            let instance = InstanceCgroup(
                cgroup, memoryLimit: controllers.contains(.memory) ? limits.memory : nil,
                key: "agents.\(agent).limits.memory"
            ) { self.removeInstance(name) }
            try instance.apply(limits, by: controllers)
            return instance
        } catch {
            removeInstance(name)
            throw error
        }
    }

    private func makeCgroup(of agent: AgentID) throws(SystemError) -> (String, Cgroup) {
        while true {
            let name = instances.withLock { instances in
                instances.last += 1
                let name = "\(agent)-\(instances.last)"
                instances.running.insert(name)
                return name
            }
            do {
                return (name, try cgroup.makeChild(name))
            } catch {
                _ = instances.withLock { $0.running.remove(name) }
                // What an earlier supervisor left and is not gone yet has the name.
                guard error.code == EEXIST else { throw error }
            }
        }
    }

    private func removeInstance(_ name: String) {
        _ = instances.withLock { $0.running.remove(name) }
        removeRemains(within: .zero)
    }

    /// Whether a name is of the form `memory-1`.
    private static func isInstance(_ name: String) -> Bool {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        return parts.count == 2 && AgentID(rawValue: String(parts[0])) != nil
            && Int(parts[1]) != nil
    }

    /// Ends and removes the control groups of instances that are no more, of this supervisor or an earlier one.
    ///
    /// One in which a process still dies stays until the next time.
    private func removeRemains(within limit: Duration) {
        let running = instances.withLock { $0.running }
        for name in cgroup.children where Self.isInstance(name) && !running.contains(name) {
            do {
                let remains = try Cgroup(path: "\(cgroup.path)/\(name)")
                // Where the kernel cannot (before 5.14), process groups and orphans have been killed.
                try? remains.kill()
                if limit > .zero { try remains.awaitEmptiness(within: limit) }
                try remains.remove()
            } catch {
                continue
            }
        }
    }
}
