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
    private(set) var configuration: FleetConfiguration
    private(set) var isStopping = false
    /// Whether the run-on-connection agents have been asked to run.
    private var isStarted = false
    /// Those of the configuration, and those that it has no more but whose processes still end.
    private var agents: [AgentID: SupervisedAgent] = [:]
    /// Those of the configuration.
    private var order: [AgentID] = []
    private let adopted = AdoptedSockets()
    private var lastWaiter: UInt64 = 0
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
    ///   - passed: Listening sockets that were bound for this process, by their agents.
    ///   - onChange: Called on the loop's thread after every transition.
    /// - Throws: Every port that cannot be listened on; then nothing was started.
    package func start(
        adopting passed: consuming AdoptedListeners = AdoptedListeners(),
        onChange: @escaping @Sendable () -> Void = {}
    ) throws(SupervisorStartError) {
        observer = onChange
        for id in passed.agents {
            guard let descriptor = passed.take(id) else { continue }
            do {
                try adopted.add(descriptor, on: loop)
            } catch {
                logger.error("\(error)", metadata: ["agent": "\(id)"])
            }
        }
        for manifest in configuration.agents { add(manifest) }
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
            self.assumeIsolated { $0.updateNeeds() }
        }
        if configuration.start == .boot { isStarted = true }
        updateNeeds()
    }

    /// Waits until every run-on-connection agent serves, or has shown that it will not for now.
    package func waitUntilWarm() async {
        isStarted = true
        updateNeeds()
        for id in order where agents[id]?.manifest.start == .connection {
            let failures = (agents[id]?.machine.failureCount ?? 0) + Self.patience
            _ = try? await settle(id) { agent in
                switch agent.machine.state {
                case .serving, .unhealthy, .degraded, .external: .success(())
                case .stopped where !agent.awaitsPort: .success(())
                case .backingOff where agent.machine.failureCount >= failures: .success(())
                case .stopped, .starting, .draining, .backingOff: nil
                }
            }
        }
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

    /// Starts an agent and waits until it serves.
    ///
    /// - Parameter name: The agent's name.
    /// - Returns: Its state then.
    /// - Throws: NOT_FOUND; FAILED_PRECONDITION where it does not come to serve.
    package func startAgent(_ name: String) async throws(RPCError) -> AgentSnapshot {
        let agent = try agent(name)
        try await waitForPort(of: agent)
        try refuseWhenStopping()
        agent.handle(.start)
        return try await outcomeOfStart(of: agent, after: agent.machine.failureCount)
    }

    /// Stops an agent and waits until its process group is gone; it stays stopped until started.
    ///
    /// - Parameter name: The agent's name.
    /// - Returns: Its state then.
    /// - Throws: NOT_FOUND; CANCELLED.
    package func stopAgent(_ name: String) async throws(RPCError) -> AgentSnapshot {
        let agent = try agent(name)
        agent.stop()
        try await settle(agent.id) { $0.machine.state.hasProcess ? nil : .success(()) }
        return agent.snapshot
    }

    /// Replaces an agent's process and waits until the new one serves.
    ///
    /// - Parameter name: The agent's name.
    /// - Returns: Its state then.
    /// - Throws: NOT_FOUND; FAILED_PRECONDITION where the new one does not come to serve.
    package func restartAgent(_ name: String) async throws(RPCError) -> AgentSnapshot {
        let agent = try agent(name)
        try await waitForPort(of: agent)
        try refuseWhenStopping()
        agent.handle(.restart)
        return try await outcomeOfStart(of: agent, after: agent.machine.failureCount)
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

    // MARK: Configuration

    /// Takes a new configuration: agents come, go, and restart if their own settings changed.
    ///
    /// - Parameter new: The configuration.
    /// - Returns: The agents that came, went or changed.
    /// - Throws: UNAVAILABLE where the fleet stops: nothing may come to life any more.
    package func apply(_ new: FleetConfiguration) throws(RPCError) -> [AgentID] {
        try refuseWhenStopping()
        var changed: [AgentID] = []
        configuration = new
        sessions.policy = SessionPolicy(new.sessions)
        let kept = Set(new.agents.map(\.id))
        for id in order where !kept.contains(id) {
            changed.append(id)
            remove(id)
        }
        for manifest in new.agents {
            if let agent = agents[manifest.id] {
                let isBack = agent.isLeaving
                let isNew = agent.update(
                    manifest, idleTimeout: new.sessions.idleTimeout,
                    isPortFree: isPortFree(manifest))
                if isBack { agent.comeBack() }
                if isNew || isBack { changed.append(manifest.id) }
            } else {
                changed.append(manifest.id)
                add(manifest)
                agents[manifest.id]?.awaitPort()
            }
        }
        order = new.agents.map(\.id)
        takeFreePorts()
        updateNeeds()
        return changed
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
        let isAlwaysOn = agent.manifest.start == .connection && isStarted
        agent.setNeeded(isAlwaysOn || agent.activeCalls > 0 || sessions.needs(agent.id))
    }

    /// Waits until an agent is in a state that decides something.
    ///
    /// - Parameters:
    ///   - id: The agent.
    ///   - decide: Looks at the agent now and after everything that happens to it; `nil` to go on.
    /// - Returns: What was decided.
    /// - Throws: What was decided; CANCELLED where the task is cancelled before.
    @discardableResult
    func settle<Value: Sendable>(
        _ id: AgentID, _ decide: @escaping (SupervisedAgent) -> Result<Value, RPCError>?
    ) async throws(RPCError) -> Value {
        guard let agent = agents[id] else { throw .unknownAgent(id.rawValue, known: order) }
        if let result = decide(agent) { return try result.get() }
        lastWaiter += 1
        let number = lastWaiter
        let result = await withTaskCancellationHandler {
            // A method of this actor: a closure that does not use it would not be isolated by it.
            await wait(for: agent, as: number, until: decide)
        } onCancel: {
            loop.execute {
                self.assumeIsolated { $0.agents[id]?.cancelWaiter(number) }
            }
        }
        return try result.get()
    }

    private func wait<Value: Sendable>(
        for agent: SupervisedAgent, as number: UInt64,
        until decide: @escaping (SupervisedAgent) -> Result<Value, RPCError>?
    ) async -> Result<Value, RPCError> {
        await withCheckedContinuation { continuation in
            let look = { (agent: SupervisedAgent) in
                guard let result = decide(agent) else { return false }
                continuation.resume(returning: result)
                return true
            }
            let cancel = { continuation.resume(returning: .failure(.noLongerAwaited)) }
            // Others may have had the actor since it was last looked at, or the task was cancelled.
            if Task.isCancelled {
                cancel()
            } else if !look(agent) {
                agent.addWaiter(number, look: look, cancel: cancel)
            }
        }
    }

    private func outcomeOfStart(
        of agent: SupervisedAgent, after failures: Int
    ) async throws(RPCError) -> AgentSnapshot {
        try await settle(agent.id) { agent in
            switch agent.machine.state {
            case .serving, .unhealthy, .external: return .success(agent.snapshot)
            case .starting, .draining:
                guard agent.machine.failureCount > failures else { return nil }
            case .stopped, .backingOff, .degraded: break
            }
            let reason =
                agent.isLeaving
                ? "the configuration has it no more"
                : agent.machine.lastFailure?.reason ?? "it was stopped"
            return .failure(.notStarted(agent.id, reason, lines: agent.output.last(10)))
        }
    }

    private func add(_ manifest: AgentManifest) {
        let agent = SupervisedAgent(
            manifest, idleTimeout: configuration.sessions.idleTimeout, adopted: adopted,
            effects: effects,
            reports: SupervisedAgent.Reports(
                transition: { [weak self] agent, transition in
                    let id = agent.id
                    self?.assumeIsolated { $0.note(transition, of: id) }
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

    private func remove(_ id: AgentID) {
        guard let agent = agents[id] else { return }
        agent.leave()
        guard agent.machine.state.hasProcess else {
            agents[id] = nil
            return
        }
        Task {
            _ = try? await settle(id) {
                $0.isLeaving && $0.machine.state.hasProcess ? nil : .success(())
            }
            // It may have come back meanwhile.
            guard let agent = agents[id], agent.isLeaving, !agent.machine.state.hasProcess else {
                return
            }
            agents[id] = nil
            takeFreePorts()
            updateNeeds()
        }
    }

    /// Whether no process of an agent that leaves listens where another is to listen.
    private func isPortFree(_ manifest: AgentManifest) -> Bool {
        !agents.values.contains {
            $0.isLeaving && $0.id != manifest.id && $0.manifest.port == manifest.port
        }
    }

    private func takeFreePorts() {
        for id in order {
            guard let agent = agents[id], agent.awaitsPort, isPortFree(agent.manifest) else {
                continue
            }
            agent.takePort()
        }
    }

    private func waitForPort(of agent: SupervisedAgent) async throws(RPCError) {
        try await settle(agent.id) { $0.awaitsPort ? nil : .success(()) }
    }

    private func probe(
        _ id: AgentID, _ generation: Generation, _ checker: any HealthChecking, _ timeout: Duration
    ) {
        Task {
            let answer = await checker.check(within: timeout)
            switch answer {
            case .serving: agents[id]?.handle(.probeSucceeded(generation))
            case .failed(let reason):
                agents[id]?.handle(.probeFailed(generation, reason: reason))
            }
        }
    }

    private func report(_ error: PortError, of id: AgentID) {
        logger.error(
            "\(error.sentence(for: id.rawValue, key: "agents.\(id).port"))",
            metadata: ["agent": "\(id)"])
    }

    private func note(_ transition: Transition, of id: AgentID) {
        events.append(transition, of: id, at: effects.clock.now)
        logger.log(
            level: transition.isFailure ? .warning : .info,
            "\(id) \(transition.cause); now \(transition.to.kind.rawValue)",
            metadata: ["agent": "\(id)"])
        observer?()
    }
}

extension Failure {
    /// Half a sentence that follows "cannot do this: ".
    var reason: String {
        if case .spawnFailed(let diagnosis) = self { diagnosis } else { "it \(self)" }
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
