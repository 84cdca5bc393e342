internal import AgentAPI
package import AgentManifest
private import Glibc
internal import GRPCCore
internal import HTTP2Transport
internal import LinuxIO
package import Logging
internal import Supervision
package import Systemd

/// The life of a supervisor's process: take sockets, start the fleet, serve, reload, stop.
package final class SupervisorProcess {
    /// What it is made of.
    package struct Parts: Sendable {
        /// Reads the configuration, at the start and whenever it is asked to reload.
        package var loadConfiguration: @Sendable () throws -> FleetConfiguration
        /// Where agents' lines and the log go.
        package var sink: any OutputSink
        /// Gets the log.
        package var logger: Logger
        /// The service manager.
        package var notifier: any Notifying
        /// The version of the program.
        package var version: String

        /// Names the parts.
        ///
        /// - Parameters:
        ///   - loadConfiguration: Reads the configuration.
        ///   - sink: Where agents' lines and the log go.
        ///   - logger: Gets the log.
        ///   - notifier: The service manager; by default the one of the environment.
        ///   - version: The version of the program.
        package init(
            loadConfiguration: @escaping @Sendable () throws -> FleetConfiguration,
            sink: any OutputSink, logger: Logger, notifier: any Notifying = SystemdNotifier(),
            version: String
        ) {
            self.loadConfiguration = loadConfiguration
            self.sink = sink
            self.logger = logger
            self.notifier = notifier
            self.version = version
        }
    }

    /// How long watchers may go on when every agent is gone.
    private static let serverGrace: Duration = .seconds(1)
    /// What somebody whose calls are refused can do.
    private static let admissionRemedy = """
        add it to supervisor.allowed_users, or a group of its to supervisor.allowed_groups, and \
        restart op-supervisor
        """

    private let parts: Parts
    private let configuration: FleetConfiguration
    private let locks: [DirectoryLock]
    /// The children that the process had before it was the supervisor.
    private let strangers: [Int32]
    private let cgroup: Result<FleetCgroup, FleetCgroup.Unavailable>
    private var sockets: SupervisorSockets

    /// Prepares the process: blocks its signals, takes what was passed to it, and makes sure that it is
    /// alone in its directories.
    ///
    /// Call it before other threads exist.
    ///
    /// - Parameter parts: What it is made of.
    /// - Throws: Everything that is wrong with the configuration; what keeps the supervisor from using
    ///   its sockets and directories.
    package init(_ parts: Parts) throws {
        self.parts = parts
        configuration = try parts.loadConfiguration()
        // Whoever started us may have ignored it, and then the kernel reaps the agents itself.
        signal(SIGCHLD, SIG_DFL)
        SignalFD.block(ProcessEvents.signals)
        // A reader that left is an error of write(2), not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        // The watchdog's signal must end it. Where a toolchain is installed, the Swift runtime would
        // catch the signal, print a backtrace, and go on, since no instruction of ours had failed.
        signal(SIGABRT, SIG_DFL)
        sockets = try SupervisorSockets(try PassedSockets())
        strangers = OrphanReaper.children()
        try ChildSubreaper.enable()
        let directories = configuration.supervisor.directories
        let keys = [
            directories.runtime: "supervisor.runtime_dir",
            directories.state: "supervisor.state_dir",
        ]
        locks = try keys.sorted { $0.key < $1.key }.map { directory, key in
            try PrivateDirectory.make(directory)
            return try DirectoryLock(directory, key: key)
        }
        // Now that no other supervisor of these directories has agents in it.
        cgroup = Result { () throws(FleetCgroup.Unavailable) in try FleetCgroup.claim() }
    }

    /// Serves until it is asked to stop and everything has stopped; call it once.
    ///
    /// - Throws: ``SupervisorStartError`` and others that keep it from starting or going on.
    package func run() async throws {
        let startedAt = MonotonicInstant.now
        let loop = try EventLoop(name: FleetLogHandler.name)
        defer { loop.stop() }
        let directories = configuration.supervisor.directories
        var limits = HTTP2ServerTransport.Configuration()
        limits.gracePeriod = Self.serverGrace
        let allowed = configuration.supervisor.allowed
        limits.admittedPeers = .users(
            allowed.users, groups: allowed.groups, remedy: Self.admissionRemedy)
        let transport = try sockets.makeTransport(
            on: configuration.supervisor.addresses, configuration: limits, loop: loop)
        let receiver = try NotifyReceiver(path: directories.runtime + "/notify.sock")

        let orphans = OrphanReaper(sparing: strangers, on: loop, logger: parts.logger)
        let surroundings = ProcessStarter.Surroundings(
            notifySocket: receiver.path,
            supervisorAddress: Self.addressForAgents(transport.localAddresses),
            stateDirectory: directories.state, allowed: allowed)
        let starter = ProcessStarter(
            spawner: try Spawner(), sink: parts.sink, surroundings: surroundings,
            orphans: orphans, cgroup: try? cgroup.get(), logger: parts.logger, on: loop)
        let fleet = Fleet(
            configuration,
            effects: FleetEffects(
                loop: loop, clock: LoopClock(loop), starter: starter,
                health: HealthProbes(on: loop),
                relays: try PortRelays(in: directories.runtime + "/agents", on: loop) {
                    transport.screen($0, admitted: $1)
                },
                listeners: DescriptorStore(logger: parts.logger)),
            store: SessionFiles(
                runtimeDirectory: directories.runtime, stateDirectory: directories.state),
            logger: parts.logger)
        let about = SupervisorFacts(
            pid: getpid(), version: parts.version,
            startedAt: Instant(nanoseconds: Int64(clamping: startedAt.nanoseconds)))
        let service = FleetService(
            fleet, transport: transport, parts: parts, about: about, surroundings: surroundings)
        let events = ProcessEvents(
            fleet, orphans: orphans, notifier: parts.notifier, logger: parts.logger)

        for note in configuration.notes { parts.logger.info("\(note)") }
        switch cgroup {
        case .success(let cgroup): parts.logger.info("\(cgroup.description)")
        case .failure(let reason):
            parts.logger.log(level: reason.isFailure ? .warning : .info, "\(reason)")
        }
        let (requests, asking) = AsyncStream.makeStream(of: ProcessEvents.Request.self)
        try await events.start(receiver) { asking.yield($0) }
        let metrics = try await startMetrics(FleetMetrics(of: fleet, about: about), on: loop)
        try await fleet.start(adopting: sockets.takeRest()) { service.tellStatus() }
        try await service.run(requests, finishing: asking)
        await metrics?.stop()
        await events.stop()
        sockets.removeFiles()
    }

    /// Serves the metrics, unless the configuration says that nobody wants them.
    private func startMetrics(
        _ metrics: FleetMetrics, on loop: EventLoop
    ) async throws -> MetricsEndpoint? {
        guard let configured = configuration.supervisor.metricsAddress else { return nil }
        let address = try SocketAddress(parsing: configured.description)
        let endpoint = MetricsEndpoint(at: address, on: loop, logger: parts.logger) {
            FleetExposition.text(await metrics.gather())
        }
        await endpoint.start(adopting: sockets.take(address))
        return endpoint
    }

    /// Where agents forward to: the unix socket if there is one, which no other user reaches.
    private static func addressForAgents(_ addresses: [SocketAddress]) -> SocketAddress {
        let unix = addresses.first { if case .unix = $0 { true } else { false } }
        return unix ?? addresses.first ?? .loopback(port: 50050)
    }
}
