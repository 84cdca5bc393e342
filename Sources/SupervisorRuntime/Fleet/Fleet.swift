package import AgentManifest
package import GRPCCore
package import LinuxIO
package import Logging
package import Supervision

/// The agents of one supervisor and the sessions that use them.
///
/// It lives on the event loop: what comes from descriptors, timers and calls meets here on one thread.
/// It decides nothing about an agent's life, which its state machine does, and says nothing on the
/// wire, which the services do.
package actor Fleet {
    /// The loop that the fleet and all its calls run on.
    package nonisolated let loop: EventLoop
    /// The last transitions of all agents.
    package nonisolated let events = EventLog()
    /// The calls that the supervisor answered or passed on.
    nonisolated let routedCalls = RoutedCalls()

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        loop.asUnownedSerialExecutor()
    }

    /// How often an agent may fail while somebody waits for the fleet to be warm.
    private static let patience = 3

    /// The present on the fleet's clock.
    package nonisolated var now: Instant { effects.clock.now }

    nonisolated let effects: FleetEffects
    nonisolated let logger: Logger
    let sessions: SessionRegistry
    var configuration: FleetConfiguration
    private(set) var isStopping = false
    /// Whether every run-on-connection agent has served once, or shown that it will not for now.
    private(set) var isWarm = false
    /// Whether the run-on-connection agents have been asked to run.
    var isStarted = false
    /// Which of them start at the same time.
    var startTurns = StartTurns(most: Fleet.startsAtOnce)
    /// Those of the configuration, and those that it has no more but whose processes still end.
    var agents: [AgentID: SupervisedAgent] = [:]
    /// Those of the configuration.
    var order: [AgentID] = []
    private let adopted = AdoptedSockets()
    var lastWaiter: UInt64 = 0
    private var observer: (@Sendable () -> Void)?

    /// Makes a fleet in which nothing runs yet.
    ///
    /// - Parameters:
    ///   - configuration: Its agents and sessions.
    ///   - effects: What it acts through.
    ///   - store: Where sessions are kept across restarts.
    ///   - logger: Gets every transition.
    package init(
        _ configuration: FleetConfiguration, effects: FleetEffects, store: any SessionStoring,
        logger: Logger
    ) {
        self.configuration = configuration
        self.effects = effects
        self.logger = logger
        loop = effects.loop
        sessions = SessionRegistry(
            configuration.sessions, store: store, clock: effects.clock, logger: logger)
    }

    // MARK: Its life

    /// Opens every agent's port and starts what is to run from the beginning.
    ///
    /// - Parameters:
    ///   - passed: Listening sockets that were bound for this process: those of agents' ports are
    ///     used, to others nobody can connect.
    ///   - onChange: Called on the loop's thread after every transition, and when a session comes or
    ///     goes.
    /// - Throws: Every port that cannot be listened on; then nothing was started.
    package func start(
        adopting passed: consuming AdoptedListeners = AdoptedListeners(),
        onChange: @escaping @Sendable () -> Void = {}
    ) throws(SupervisorStartError) {
        observer = onChange
        adopt(passed)
        for manifest in configuration.agents { add(manifest) }
        routedCalls.keep(order.map(\.rawValue))
        var problems: [String] = []
        for id in order {
            do {
                try agents[id]?.openListener()
            } catch {
                problems.append(error.sentence(for: id.rawValue, key: "agents.\(id).port"))
            }
        }
        guard problems.isEmpty else { throw SupervisorStartError(problems) }
        sessions.restore { [weak self] in
            guard let self else { return }
            self.assumeIsolated {
                $0.updateNeeds()
                $0.tellObserver()
            }
        }
        if configuration.start == .boot { beginStarts() }
        updateNeeds()
    }

    /// Waits until every run-on-connection agent serves, or has shown that it will not for now.
    package func waitUntilWarm() async {
        beginStarts()
        for id in order where agents[id]?.manifest.start == .connection {
            let failures = (agents[id]?.machine.failureCount ?? 0) + Self.patience
            _ = try? await settle(id) { agent in
                switch agent.machine.state {
                case .serving, .unhealthy, .degraded, .external: .success(())
                case .stopped where !agent.awaitsPort && !agent.awaitsTurn: .success(())
                case .backingOff where agent.machine.failureCount >= failures: .success(())
                case .stopped, .starting, .draining, .backingOff: nil
                }
            }
        }
        isWarm = true
    }

    /// Stops every agent and returns when all of them are gone; sessions are kept for the next time.
    package func stop() async {
        isStopping = true
        sessions.save()
        for agent in agents.values { agent.stop() }
        for id in agents.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
            _ = try? await settle(id) { $0.machine.state.hasProcess ? nil : .success(()) }
        }
        sessions.save()
    }

    /// Kills what is still there.
    package func kill() {
        for agent in agents.values { agent.kill() }
    }

    // MARK: Agents

    /// What can be said of every agent, in the order in which they start.
    package var snapshots: [AgentSnapshot] { order.compactMap { agents[$0]?.snapshot } }

    /// What can be said of those that the configuration has no more, but whose processes still end.
    var leaving: [AgentSnapshot] {
        agents.values.filter(\.isLeaving).map(\.snapshot)
            .sorted { $0.manifest.id.rawValue < $1.manifest.id.rawValue }
    }

    /// What can be said of one agent.
    ///
    /// - Parameter name: The agent's name.
    /// - Returns: The present state.
    /// - Throws: NOT_FOUND where there is no such agent.
    package func snapshot(of name: String) throws(RPCError) -> AgentSnapshot {
        try agent(name).snapshot
    }

    /// The last lines of an agent's output.
    ///
    /// - Parameter name: The agent's name.
    /// - Returns: The lines, which can be followed.
    /// - Throws: NOT_FOUND where there is no such agent.
    package func output(of name: String) throws(RPCError) -> OutputRing {
        try agent(name).output
    }

    /// Takes a message from the notify socket.
    ///
    /// - Parameters:
    ///   - pid: The process that sent it.
    ///   - isReady: Whether it said READY=1.
    ///   - isUsed: Whether it said that calls run in it, or ran just now.
    package func notified(by pid: Int32, isReady: Bool = false, isUsed: Bool = false) {
        guard isReady || isUsed, let agent = agents.values.first(where: { $0.pid == pid })
        else { return }
        let generation = agent.machine.generation
        if isReady { agent.handle(.ready(generation)) }
        if isUsed { agent.handle(.used(generation)) }
    }

    // MARK: What the rest of the fleet is made of

    func agent(_ name: String) throws(RPCError) -> SupervisedAgent {
        guard let agent = AgentID(rawValue: name).flatMap(knownAgent), !agent.isLeaving else {
            throw .unknownAgent(name, known: order)
        }
        return agent
    }

    /// An agent, even if it leaves.
    func knownAgent(_ id: AgentID) -> SupervisedAgent? { agents[id] }

    func refuseWhenStopping() throws(RPCError) {
        if isStopping { throw .stopping }
    }

    /// Tells every agent whether it is needed.
    func updateNeeds() {
        for id in order {
            if let agent = agents[id] { updateNeed(of: agent) }
        }
    }

    func updateNeed(of agent: SupervisedAgent) {
        guard !isStopping, !agent.isLeaving, !agent.awaitsPort else { return }
        let isAlwaysOn =
            agent.manifest.start == .connection && isStarted && !agent.awaitsTurn
        agent.setNeeded(isAlwaysOn || agent.activeCalls > 0 || sessions.needs(agent.id))
    }

    /// Says that the fleet or its sessions are not what they were.
    func tellObserver() { observer?() }

    func add(_ manifest: AgentManifest) {
        let agent = SupervisedAgent(
            manifest, idleTimeout: configuration.sessions.idleTimeout, adopted: adopted,
            effects: effects,
            reports: SupervisedAgent.Reports(
                transition: { [weak self] agent, transition, now in
                    let id = agent.id
                    self?.assumeIsolated { $0.note(transition, of: id, at: now) }
                },
                probe: { [weak self] agent, generation, checker, timeout in
                    let id = agent.id
                    self?.assumeIsolated { $0.probe(id, generation, checker, timeout) }
                },
                portError: { [weak self] agent, error in
                    let id = agent.id
                    self?.assumeIsolated { $0.report(error, of: id) }
                }))
        agents[manifest.id] = agent
        order.append(manifest.id)
    }

    /// Takes over the sockets that were passed, wanted or not: a reload may bring an agent for one.
    private func adopt(_ passed: consuming AdoptedListeners) {
        let wanted = Set(configuration.agents.map { SocketAddress.loopback(port: $0.port) })
        for address in passed.addresses {
            let isKept = passed.isKept(address)
            guard let descriptor = passed.take(address) else { continue }
            do {
                if !isKept {
                    try adopted.add(descriptor, on: loop)
                } else if wanted.contains(address) {
                    try adopted.addKept(descriptor)
                } else if let port = address.port {
                    effects.listeners.discard(port: port)
                }
            } catch {
                logger.error("\(error)")
            }
            if !isKept, !wanted.contains(address) {
                logger.warning(
                    """
                    cannot serve on the passed socket \(address): neither the supervisor nor an agent is \
                    configured to listen there, so connections to it are closed; remove its ListenStream= \
                    from the socket unit, or configure an agent's port or supervisor.addresses
                    """)
            }
        }
    }

    private func probe(
        _ id: AgentID, _ generation: Generation, _ checker: any HealthChecking, _ timeout: Duration
    ) {
        // All of it on the loop: the library's own tasks would go to other threads and back.
        Task(executorPreference: loop) {
            var answer = await checker.check(within: timeout)
            if answer == .serving, await self.hasWaitingConnections(id) {
                answer = await checker.checkNewConnection(within: timeout)
            }
            await self.probed(id, generation, answer)
        }
    }

    private func hasWaitingConnections(_ id: AgentID) -> Bool {
        agents[id]?.hasWaitingConnections == true
    }

    private func probed(_ id: AgentID, _ generation: Generation, _ answer: HealthAnswer) {
        switch answer {
        case .serving: agents[id]?.handle(.probeSucceeded(generation))
        case .failed(let reason): agents[id]?.handle(.probeFailed(generation, reason))
        }
    }

    private func report(_ error: PortError, of id: AgentID) {
        logger.error(
            "\(error.sentence(for: id.rawValue, key: "agents.\(id).port"))",
            metadata: ["agent": "\(id)"])
    }

    private func note(_ transition: Transition, of id: AgentID, at now: Instant) {
        events.append(transition, of: id, at: now)
        logger.log(
            level: transition.isFailure ? .warning : .info,
            "\(id) \(transition.cause); now \(transition.to.kind.rawValue)",
            metadata: ["agent": "\(id)"])
        if transition.to.kind != .starting { endTurn(of: id) }
        tellObserver()
    }
}

extension Transition {
    fileprivate var isFailure: Bool {
        switch cause {
        case .failed, .graceOver: true
        default: false
        }
    }
}
