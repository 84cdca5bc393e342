package import AgentManifest
private import Glibc
package import LinuxIO
package import Logging
package import Supervision
private import Synchronization

/// Starts agents as child processes that get their port's socket, report to the notify socket, and
/// write into the fleet's output.
package final class ProcessStarter: InstanceStarting {
    /// What every agent's environment says.
    package struct Surroundings: Sendable {
        /// Where agents report that they are ready.
        package let notifySocket: String
        /// Where agents forward to what is not theirs.
        package let supervisorAddress: SocketAddress
        /// Has a directory for each agent's state.
        package let stateDirectory: String
        /// Whom agents serve beside root and their own user.
        package let allowed: AllowedAccounts

        /// Names the surroundings.
        ///
        /// - Parameters:
        ///   - notifySocket: Where agents report that they are ready.
        ///   - supervisorAddress: Where agents forward to.
        ///   - stateDirectory: Has a directory for each agent's state.
        ///   - allowed: Whom agents serve beside root and their own user.
        package init(
            notifySocket: String, supervisorAddress: SocketAddress, stateDirectory: String,
            allowed: AllowedAccounts = AllowedAccounts()
        ) {
            self.notifySocket = notifySocket
            self.supervisorAddress = supervisorAddress
            self.stateDirectory = stateDirectory
            self.allowed = allowed
        }

        /// What an agent's environment says, whoever runs it.
        ///
        /// - Parameter manifest: The agent's; its own variables come last.
        /// - Returns: Values by the names of the variables.
        func variables(of manifest: AgentManifest) -> [String: String] {
            [
                "OP_SUPERVISOR_ADDRESS": supervisorAddress.description,
                "OP_AGENT_STATE_DIR": stateDirectory + "/" + manifest.id.rawValue,
                "OP_ALLOWED_USERS": Self.list(allowed.users),
                "OP_ALLOWED_GROUPS": Self.list(allowed.groups),
            ].merging(manifest.environment) { _, own in own }
        }

        /// Numbers of users or groups as agents read them.
        private static func list(_ ids: Set<UInt32>) -> String {
            ids.sorted().map(String.init).joined(separator: ":")
        }
    }

    /// Names the address that an agent listens on itself.
    static let listenVariable = "OP_AGENT_LISTEN"

    private let spawner: any Spawning
    private let sink: any OutputSink
    private let surroundings: Surroundings
    private let orphans: OrphanReaper
    private let fleetCgroup: FleetCgroup?
    private let logger: Logger
    private let loop: EventLoop
    /// How many instances there were.
    private let count = Atomic<UInt64>(0)

    /// Prepares to start agents.
    ///
    /// - Parameters:
    ///   - spawner: Starts processes.
    ///   - sink: Gets what they write.
    ///   - surroundings: What their environment says.
    ///   - orphans: Ends what they leave behind.
    ///   - cgroup: Has control groups for them; nil where there are none.
    ///   - logger: Is told of ends that nobody knows the reason of.
    ///   - loop: The loop that they are watched on.
    package init(
        spawner: any Spawning, sink: any OutputSink, surroundings: Surroundings,
        orphans: OrphanReaper, cgroup: FleetCgroup?, logger: Logger, on loop: EventLoop
    ) {
        self.spawner = spawner
        self.sink = sink
        self.surroundings = surroundings
        self.orphans = orphans
        fleetCgroup = cgroup
        self.logger = logger
        self.loop = loop
    }

    package func start(
        _ plan: InstancePlan, onEnd: @escaping (ExitStatus) -> Void
    ) throws(InstanceError) -> any AgentInstance {
        // An instance that was killed left its own, which not every library replaces.
        if case .unix(let path) = plan.place { unlink(path) }
        let process: SpawnedProcess
        let mark = InstanceMark(
            instance: count.add(1, ordering: .relaxed).newValue, of: plan.agentName)
        let cgroup = try makeCgroup(for: plan.manifest)
        do {
            process = try spawner.spawn(request(for: plan, marked: mark, in: cgroup?.cgroup))
        } catch {
            cgroup?.remove()
            throw InstanceError(error.description)
        }
        let pid = process.pid
        orphans.add(mark, pid: pid)
        do {
            return try ChildProcess(
                process, of: plan.agentName, in: cgroup?.cgroup, into: plan.output, and: sink,
                on: loop
            ) { [orphans, logger] exit in
                if exit == .unknown {
                    logger.error(
                        """
                        cannot tell how \(plan.agentName) (pid \(pid)) ended: its status was taken \
                        by somebody else; look for what waits for every child in this process
                        """)
                }
                orphans.sweep(after: pid) {
                    let status = cgroup?.status(of: exit) ?? ExitStatus(exit)
                    cgroup?.remove()
                    onEnd(status)
                }
            }
        } catch {
            orphans.remove(pid)
            cgroup?.remove()
            throw InstanceError("\(error); free descriptors or raise their limit")
        }
    }

    private func makeCgroup(
        for manifest: AgentManifest
    ) throws(InstanceError) -> InstanceCgroup? {
        do {
            return try fleetCgroup?.makeInstance(of: manifest.id, limits: manifest.limits)
        } catch {
            throw InstanceError(
                "\(error); see that nothing else divides the supervisor's control group")
        }
    }

    /// What is asked of the spawner for an agent.
    func request(
        for plan: InstancePlan, marked mark: InstanceMark, in cgroup: Cgroup? = nil
    ) -> SpawnRequest {
        let manifest = plan.manifest
        var request = SpawnRequest(executable: manifest.executable)
        request.arguments = manifest.arguments
        request.environment = environment(of: manifest)
        request.environment[InstanceMark.variable] = mark.description
        request.workingDirectory = "/"
        switch plan.place {
        case .port(let descriptor):
            request.listeningSockets = [.init(name: manifest.id.rawValue, descriptor: descriptor)]
        case .unix(let path):
            request.environment[Self.listenVariable] = SocketAddress.unix(path: path).description
        }
        request.limits = Self.limits(manifest.limits, besides: fleetCgroup?.controllers ?? [])
        request.cgroup = cgroup
        request.oomScoreAdjustment = manifest.limits.oomScoreAdjust.map { CInt($0) }
        return request
    }

    private func environment(of manifest: AgentManifest) -> [String: String] {
        var environment = ChildEnvironment.inherited()
        environment["NOTIFY_SOCKET"] = surroundings.notifySocket
        return environment.merging(surroundings.variables(of: manifest)) { _, own in own }
    }

    /// The limits of each process, those apart that a control group has.
    private static func limits(
        _ limits: ResourceLimits, besides controllers: Set<CgroupController>
    ) -> [SpawnRequest.Limit] {
        let memory = controllers.contains(.memory) ? nil : limits.memory
        let processes = controllers.contains(.pids) ? nil : limits.processes
        return [
            memory.map { .data(UInt64($0)) },
            processes.map { .processes(UInt64($0)) },
            limits.openFiles.map { .openFiles(UInt64($0)) },
        ].compactMap { $0 }
    }
}
