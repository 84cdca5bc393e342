internal import AgentManifest
internal import LinuxIO
internal import Supervision

/// One agent of a running fleet: its state machine, what carries out its decisions, and who waits for it.
///
/// Belongs to the event loop's thread.
final class SupervisedAgent {
    /// What an agent tells its fleet.
    struct Reports {
        /// Its state changed, at that time.
        let transition: (SupervisedAgent, Transition, Instant) -> Void
        /// A probe is to be made; its answer comes back through `handle`.
        let probe: (SupervisedAgent, Generation, any HealthChecking, _ timeout: Duration) -> Void
        /// Its port cannot be listened on.
        let portError: (SupervisedAgent, PortError) -> Void
    }

    /// How many lines of a failed instance are kept to show them.
    private static let lastWordsKept = 10

    /// Someone who waits for a state.
    private struct Waiter {
        /// Looks at the agent; `true` if there is nothing to wait for any more.
        let look: (SupervisedAgent) -> Bool
        let cancel: () -> Void
    }

    private(set) var manifest: AgentManifest
    private(set) var machine: AgentStateMachine
    /// The last lines that its processes wrote.
    let output = OutputRing()
    /// The last lines of the instance that failed last, until then; none if that could not be started.
    private(set) var lastWords: [OutputLine] = []
    /// The calls that the supervisor has passed on to it, or that wait for it.
    var activeCalls = 0
    /// Whether the configuration has it no more: it is forgotten once its process is gone.
    private(set) var isLeaving = false
    /// Whether another agent that leaves has its port still; until then it is not told of any need.
    private(set) var awaitsPort = false
    /// Whether others that start have to be done first.
    private(set) var awaitsTurn = false
    /// Whether it was held when it began to leave.
    private var wasHeld = false
    /// Whether it was last told that it is needed.
    private var isNeeded = false
    /// Where it is run by hand, if that is not its own port; means nothing in other states.
    private var externalPort: UInt16?

    private let effects: FleetEffects
    private let reports: Reports
    /// Set right after it is made, since its reports come back here.
    private var runner: ActionRunner?
    private var events: [AgentEvent] = []
    private var isHandling = false
    private var timer: (any Cancellable)?
    private var waiters: [UInt64: Waiter] = [:]
    private var link: AgentLink?

    init(
        _ manifest: AgentManifest, idleTimeout: Duration, adopted: AdoptedSockets,
        effects: FleetEffects, reports: Reports
    ) {
        self.manifest = manifest
        self.effects = effects
        self.reports = reports
        machine = AgentStateMachine(policy: AgentPolicy(manifest, idleTimeout: idleTimeout))
        runner = ActionRunner(
            manifest, adopted: adopted, output: output, effects: effects,
            reports: ActionRunner.Reports(
                event: { [weak self] in self?.handle($0) },
                probe: { [weak self] generation, checker, timeout in
                    guard let self else { return }
                    self.reports.probe(self, generation, checker, timeout)
                },
                portError: { [weak self] error in
                    guard let self else { return }
                    self.reports.portError(self, error)
                }))
    }

    var id: AgentID { manifest.id }

    /// Where it listens.
    var address: SocketAddress {
        let isExternal = machine.state.kind == .external
        return .loopback(port: isExternal ? externalPort ?? manifest.port : manifest.port)
    }

    /// Whether its port's socket was passed to the supervisor, and so cannot be closed.
    var hasAdoptedPort: Bool { runner?.hasAdoptedPort ?? false }

    /// The leader of its present instance.
    var pid: Int32? { runner?.pid }

    /// Whether connections wait at its port to be accepted.
    var hasWaitingConnections: Bool { runner?.hasWaitingConnections ?? false }

    /// Opens its port, as its state wants it.
    ///
    /// - Throws: Why the port cannot be listened on.
    func openListener() throws(PortError) {
        try runner?.openListener(as: machine.listener)
    }

    /// Opens its port as soon as it can be bound; until then it is tried again and again.
    func takePort() {
        awaitsPort = false
        runner?.run(.setListener(machine.listener))
        wakeWaiters()
    }

    /// Leaves its port closed until `takePort`.
    func awaitPort() { awaitsPort = true }

    /// Has it wait for its turn to start, unless it is needed before.
    func awaitTurn() { awaitsTurn = true }

    /// Lets it start as soon as it is told that it is needed.
    func takeTurn() {
        awaitsTurn = false
        wakeWaiters()
    }

    /// Ends it, and keeps it so.
    func stop() {
        awaitsPort = false
        handle(.stop)
    }

    /// Ends it because the configuration has it no more.
    func leave() {
        isLeaving = true
        wasHeld = machine.isHeld
        stop()
    }

    /// Takes it back while it leaves: it runs again if it is needed, unless an operator stopped it.
    func comeBack() {
        isLeaving = false
        if !wasHeld { handle(.unhold) }
    }

    /// Ends its process, if it has one, and leaves it to whoever runs it by hand.
    ///
    /// - Parameter port: Where that will be.
    func attach(at port: UInt16) {
        externalPort = port
        handle(.attach)
    }

    /// Lets something happen to it, and does all that follows.
    func handle(_ event: AgentEvent) {
        effects.loop.assertCurrent()
        // Doing one thing may report the next: it has to wait until the first is done.
        events.append(event)
        guard !isHandling else { return }
        isHandling = true
        while !events.isEmpty { advance(events.removeFirst()) }
        isHandling = false
        armTimer()
        wakeWaiters()
    }

    /// Tells it whether anybody needs it, if that changed.
    func setNeeded(_ isNeeded: Bool) {
        guard isNeeded != self.isNeeded else { return }
        self.isNeeded = isNeeded
        handle(isNeeded ? .needed : .released)
    }

    /// Takes new settings; a running instance that has the old ones is replaced.
    ///
    /// - Parameters:
    ///   - manifest: The settings.
    ///   - idleTimeout: How long it stays when nothing needs it.
    ///   - isPortFree: Whether no agent that leaves has the port of these settings.
    /// - Returns: Whether its own settings changed.
    func update(_ manifest: AgentManifest, idleTimeout: Duration, isPortFree: Bool) -> Bool {
        machine.policy = AgentPolicy(manifest, idleTimeout: idleTimeout)
        guard manifest != self.manifest else { return false }
        let moves = manifest.port != self.manifest.port
        self.manifest = manifest
        runner?.manifest = manifest
        if moves {
            awaitsPort = !isPortFree
            runner?.moveListener(to: isPortFree ? machine.listener : .closed)
        }
        handle(.reconfigure)
        return true
    }

    /// Ends its process, if it has one, whatever its state.
    func kill() {
        runner?.run(.kill(machine.generation))
    }

    /// The connection to its present instance, for calls.
    func connection() -> AgentLink {
        if let link { return link }
        // By its port, wherever it listens: there a connection outlives an instance that did not answer it.
        let new = AgentLink(to: address, on: effects.loop)
        link = new
        return new
    }

    private func advance(_ event: AgentEvent) {
        let now = effects.clock.now
        let failures = machine.failureCount
        let actions = machine.handle(event, at: now, jitter: .random(in: -1...1))
        // Before the next instance is started, which may be one of the actions.
        if machine.failureCount > failures {
            lastWords = runner?.outputOfInstance.suffix(Self.lastWordsKept) ?? []
        }
        runner?.probedAddress = address
        for action in actions {
            if case .report(let transition) = action {
                if !transition.to.acceptsCalls { dropLink() }
                runner?.passConnections(
                    while: transition.to.acceptsCalls, of: machine.generation)
                reports.transition(self, transition, now)
            } else {
                runner?.run(action)
            }
        }
    }

    private func dropLink() {
        link?.retire()
        link = nil
    }

    private func armTimer() {
        timer?.cancel()
        timer = machine.nextDeadline.map { deadline in
            effects.clock.schedule(at: deadline) { [weak self] in self?.handle(.timeReached) }
        }
    }
}

// MARK: - Waiting for it

extension SupervisedAgent {
    /// Calls back when the agent is in a state that someone waits for.
    ///
    /// - Parameters:
    ///   - number: Tells the waiter from others.
    ///   - look: Looks at the agent after every event; `true` ends the waiting.
    ///   - cancel: Called instead, where the waiting is called off.
    func addWaiter(
        _ number: UInt64, look: @escaping (SupervisedAgent) -> Bool,
        cancel: @escaping () -> Void
    ) {
        effects.loop.assertCurrent()
        waiters[number] = Waiter(look: look, cancel: cancel)
    }

    /// Calls off the waiting; does nothing if it is over.
    func cancelWaiter(_ number: UInt64) {
        waiters.removeValue(forKey: number)?.cancel()
    }

    private func wakeWaiters() {
        for (number, waiter) in waiters where waiter.look(self) {
            waiters[number] = nil
        }
    }
}
