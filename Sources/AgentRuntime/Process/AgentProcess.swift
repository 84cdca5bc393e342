private import AgentAPI
private import HTTP2Transport
private import LinuxIO
internal import Logging
private import Systemd

/// The life of an agent's process: start, serve, drain.
struct AgentProcess<Served: Agent> {
    private let options: AgentOptions
    private let logger: Logger

    init(_ agent: Served.Type, options: AgentOptions, logger: Logger) {
        self.options = options
        self.logger = logger
    }

    /// Runs until the process is asked to end and the last call is over.
    ///
    /// - Throws: Why it could not start, or go on.
    func run() async throws {
        let variables = ProcessEnvironment.variables()
        // Before the loop's thread exists, since both take what they read out of the environment.
        let selection = try ListenerSelection(options: options, defaultPort: Served.defaultPort)
        let termination = try TerminationSource(
            lifeline: TerminationSource.passedLifeline(variables))
        let loop = try EventLoop(name: Served.id)
        defer { loop.stop() }
        termination.start(on: loop)

        let environment = try environment(variables, loop)
        let services = try await Served.make(in: environment)
        var configuration = HTTP2ServerTransport.Configuration()
        configuration.gracePeriod = Served.gracePeriod
        let transport = try selection.bind(configuration: configuration, eventLoop: loop)
        let addresses = transport.localAddresses.map(\.description)
        let fleet = try FleetConnection(
            agent: listing(at: addresses), variables: variables, loop: loop)
        let server = AgentServer(
            services, environment: environment, transport: transport, fleet: fleet)
        try await serve(server, services, fleet, termination, addresses)
        await services.shutdown?()
        logger.info("ended")
    }

    private func serve(
        _ server: AgentServer, _ services: AgentServices, _ fleet: FleetConnection,
        _ termination: TerminationSource, _ addresses: [String]
    ) async throws {
        try await withThrowingTaskGroup(of: LifeEvent.self) { group in
            group.addTask {
                try await server.serve()
                return .served
            }
            group.addTask { .asked(await termination.requests.first { _ in true }) }
            group.addTask { [logger] in
                await fleet.run(logger: logger)
                return .disconnected
            }
            let status = "serves on \(addresses.joined(separator: ", "))"
            server.health.setAll(.serving)
            logger.info("\(status)")
            tell([.ready, .status(status)])
            group.addTask {
                await services.started?(server.health)
                return .started
            }
            while let event = try await group.next() {
                switch event {
                case .asked(let request):
                    guard let request else { continue }
                    logger.info("drains after \(request)")
                    tell([.stopping, .status("finishes its calls after \(request)")])
                    server.drain()
                case .served:
                    fleet.close()
                    group.cancelAll()
                case .started, .disconnected:
                    continue
                }
            }
        }
    }

    private func environment(
        _ variables: [String: String], _ loop: EventLoop
    ) throws -> AgentEnvironment {
        let home = ProcessEnvironment.homeDirectory(variables)
        let stateDirectory = StateDirectory.path(
            given: options.stateDirectory, agentID: Served.id, environment: variables, home: home)
        try StateDirectory.make(stateDirectory)
        let allowed = variables["OP_ALLOWED_ROOTS"].map { roots in
            roots.split(separator: ":").map(String.init)
        }
        return try AgentEnvironment(
            agentID: Served.id, stateDirectory: stateDirectory, logger: logger, eventLoop: loop,
            allowedRoots: allowed ?? [home, stateDirectory], variables: variables)
    }

    /// The agent as it lists itself where there is no supervisor to do it.
    private func listing(at addresses: [String]) -> Op_Agents_V1_AgentInfo {
        var info = Op_Agents_V1_AgentInfo()
        info.id = Served.id
        info.address = addresses.first ?? ""
        info.state = .serving
        info.description_p = Served.summary
        return info
    }

    /// Tells the service manager, which does without where it cannot be told.
    private func tell(_ notifications: [ServiceNotification]) {
        do {
            try SystemdNotifier().notify(notifications)
        } catch {
            logger.warning("\(error); it does not know this agent's state")
        }
    }
}

/// What happens to a serving process.
private enum LifeEvent {
    case started
    case asked(TerminationSource.Request?)
    case served
    case disconnected
}
