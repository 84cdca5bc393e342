private import AgentAPI
private import GRPCCore
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

        var configuration = HTTP2ServerTransport.Configuration()
        configuration.gracePeriod = Served.gracePeriod
        configuration.admittedPeers = try AdmittedPeers.policy(
            options: options, variables: variables)
        let transport = try selection.bind(
            configuration: configuration, observer: useReporter(variables, loop), eventLoop: loop)
        let addresses = transport.localAddresses.map(\.description)
        let fleet = try FleetConnection(
            agent: listing(at: addresses), variables: variables, loop: loop)
        let environment = try environment(variables, loop)
        let shutdown = try await withThrowingTaskGroup(of: LifeEvent.self) { group in
            group.addTask { .asked(await termination.requests.first { _ in true }) }
            group.addTask { .made(try await Served.make(in: environment)) }
            var life = Life.starting
            while let event = try await group.next() {
                switch (event, life) {
                case (.made(let services), _):
                    let server = AgentServer(
                        services, environment: environment, transport: transport, fleet: fleet)
                    life = .serving(server, services)
                    serve(server, services, fleet, in: &group)
                    announce(addresses)
                case (.asked(let request?), .serving(let server, _)):
                    logger.info("drains after \(request)")
                    tell([.stopping, .status("finishes its calls after \(request)")])
                    server.drain()
                case (.asked(let request?), .starting):
                    logger.info("ends after \(request), before it was ready")
                    group.cancelAll()
                    return nil as (@Sendable () async -> Void)?
                case (.served, .serving(_, let services)):
                    fleet.close()
                    group.cancelAll()
                    return services.shutdown
                case (.started, _), (.disconnected, _), (.asked(nil), _), (.served, .starting):
                    continue
                }
            }
            return nil
        }
        await shutdown?()
        logger.info("ended")
    }

    private func serve(
        _ server: AgentServer, _ services: AgentServices, _ fleet: FleetConnection,
        in group: inout ThrowingTaskGroup<LifeEvent, any Error>
    ) {
        // Before it serves: connections wait in the backlog already, and the first may ask for just this.
        server.health.setAll(.serving)
        group.addTask {
            do {
                try await server.serve()
            } catch let error as RuntimeError where error.code == .serverIsStopped {
                // It was asked to end before it had begun.
            }
            return .served
        }
        group.addTask { [logger] in
            await fleet.run(logger: logger)
            return .disconnected
        }
        group.addTask {
            await services.started?(server.health)
            return .started
        }
    }

    private func announce(_ addresses: [String]) {
        let status = "serves on \(addresses.joined(separator: ", "))"
        logger.info("\(status)")
        tell([.ready, .status(status)])
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

    /// What tells the supervisor that the agent is used; nil where none wants to know.
    private func useReporter(_ variables: [String: String], _ loop: EventLoop) -> UseReporter? {
        // Elsewhere than at a path (an abstract socket) there is no supervisor of ours.
        guard let path = variables["NOTIFY_SOCKET"], path.hasPrefix("/") else { return nil }
        do {
            return UseReporter(
                to: try NonblockingNotifier(path: path), on: loop, logger: logger)
        } catch {
            logger.warning("\(error); this agent may be ended as idle while it is used")
            return nil
        }
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

/// Where a process is in its life.
private enum Life {
    case starting
    case serving(AgentServer, AgentServices)
}

/// What happens to a process.
private enum LifeEvent {
    /// The agent has made what it serves.
    case made(AgentServices)
    /// Its hook that runs once it is ready is over.
    case started
    /// It shall end.
    case asked(TerminationSource.Request?)
    /// The last call is over.
    case served
    /// The connection to the supervisor is closed.
    case disconnected
}
