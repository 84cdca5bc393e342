internal import AgentManifest
internal import LinuxIO
internal import Supervision

/// Does what the state machine of one agent decides, and reports what comes of it.
///
/// Belongs to the event loop's thread.
final class ActionRunner {
    /// What the runner tells its agent.
    struct Reports {
        /// Something happened.
        let event: (AgentEvent) -> Void
        /// A probe is to be made, and its answer to be reported.
        let probe: (Generation, any HealthChecking, _ timeout: Duration) -> Void
        /// The port cannot be listened on, although no instance is being started.
        let portError: (PortError) -> Void
    }

    /// How soon a port that could not be bound is tried again.
    private static let bindInterval: Duration = .seconds(1)

    var manifest: AgentManifest
    private let adopted: AdoptedSockets
    private let output: OutputRing
    private let effects: FleetEffects
    private let reports: Reports
    private var listener: AgentListener
    /// The condition that the listener should be in.
    private var wanted = Listener.closed
    /// Why it is not, as it was last reported.
    private var portError: PortError?
    private var nextBind: (any Cancellable)?
    private var instance: (any AgentInstance)?
    /// Where the instance listens, which the manifest may not say any more.
    private var instanceAddress: SocketAddress?
    private var checker: (any HealthChecking)?
    /// Where its health is asked for when it does not listen on a socket of its own: on its own port,
    /// unless it is run by hand on another.
    var probedAddress: SocketAddress {
        didSet { if probedAddress != oldValue { dropChecker() } }
    }
    /// The last line of the instances before this one.
    private var lineBeforeInstance: UInt64 = 0
    /// Where the instance listens, if not on the agent's port.
    private var relayTarget: SocketAddress?

    init(
        _ manifest: AgentManifest, adopted: AdoptedSockets, output: OutputRing,
        effects: FleetEffects, reports: Reports
    ) {
        self.manifest = manifest
        self.adopted = adopted
        self.output = output
        self.effects = effects
        self.reports = reports
        listener = Self.makeListener(manifest, adopted, effects, reports)
        probedAddress = .loopback(port: manifest.port)
    }

    /// Whether its port's socket was passed to the supervisor, and so cannot be closed.
    var hasAdoptedPort: Bool { adopted[address] != nil }

    /// The leader's pid, while there is an instance.
    var pid: Int32? { instance?.pid }

    /// The kept lines that the present or last instance wrote.
    var outputOfInstance: [OutputLine] { output.lines(after: lineBeforeInstance) }

    /// Whether connections wait at the port to be accepted.
    var hasWaitingConnections: Bool { listener.hasWaitingConnections }

    /// Where the agent listens.
    var address: SocketAddress { .loopback(port: manifest.port) }

    /// Moves to the port that the manifest has now; the old one is closed.
    func moveListener(to condition: Listener) {
        setListener(.closed)
        listener = Self.makeListener(manifest, adopted, effects, reports)
        setListener(condition)
    }

    /// Brings the listener into its first condition.
    ///
    /// - Throws: Why the port cannot be listened on.
    func openListener(as condition: Listener) throws(PortError) {
        wanted = condition
        try listener.set(condition)
    }

    /// Carries out one action.
    func run(_ action: AgentAction) {
        switch action {
        case .setListener(let condition): setListener(condition)
        case .spawn(let generation): spawn(generation)
        case .terminate: instance?.terminate()
        case .kill: instance?.kill()
        case .probe(let generation, let timeout):
            let checker = checker ?? effects.health.makeChecker(of: relayTarget ?? probedAddress)
            self.checker = checker
            reports.probe(generation, checker, timeout)
        case .report: break
        }
    }

    private func setListener(_ condition: Listener) {
        wanted = condition
        nextBind?.cancel()
        nextBind = nil
        // An instance that ends has the port until it is gone.
        guard condition == .closed || !listener.needsPort || instanceAddress != address else {
            return
        }
        do {
            try listener.set(condition)
            portError = nil
        } catch {
            if error != portError { reports.portError(error) }
            portError = error
            let next = effects.clock.now.advanced(by: Self.bindInterval)
            nextBind = effects.clock.schedule(at: next) { [weak self] in
                guard let self else { return }
                self.setListener(self.wanted)
            }
        }
    }

    private func spawn(_ generation: Generation) {
        dropChecker()
        // The one before has been read to its end.
        lineBeforeInstance = output.lastSequence
        do {
            let plan = InstancePlan(
                manifest: manifest, place: try makePlace(), output: output)
            instance = try effects.starter.start(plan) { [weak self] status in
                self?.ended(generation, status)
            }
            instanceAddress = address
            if case .unix(let path) = plan.place { relayTarget = .unix(path: path) }
        } catch {
            reports.event(.spawnFailed(generation, diagnosis: error.description))
        }
    }

    /// Lets connections to the port reach the instance, where it does not accept them itself.
    ///
    /// - Parameters:
    ///   - isServing: Whether the instance serves; until then they wait.
    ///   - generation: The instance.
    func passConnections(while isServing: Bool, of generation: Generation) {
        guard let relayTarget else { return }
        let relay = PortRelay(effects.relays, to: relayTarget) { [reports] in
            reports.event(.used(generation))
        }
        listener.passConnections(to: isServing ? relay : nil)
    }

    private func makePlace() throws(InstanceError) -> ListeningPlace {
        let descriptor: Int32
        do {
            // Of whatever kind the place is: the port is ours, so that connections to it wait.
            descriptor = try listener.open()
        } catch {
            throw InstanceError(
                error.sentence(for: manifest.id.rawValue, key: "agents.\(manifest.id).port"))
        }
        switch manifest.listen {
        case .adopt: return .port(descriptor: descriptor)
        case .unix: return .unix(path: try effects.relays.path(for: manifest.id))
        }
    }

    private func ended(_ generation: Generation, _ status: ExitStatus) {
        instance = nil
        instanceAddress = nil
        if relayTarget != nil { listener.passConnections(to: nil) }
        relayTarget = nil
        dropChecker()
        reports.event(.exited(generation, status))
        if wanted != .closed, listener.needsPort { setListener(wanted) }
    }

    private func dropChecker() {
        checker?.close()
        checker = nil
    }

    private static func makeListener(
        _ manifest: AgentManifest, _ adopted: AdoptedSockets, _ effects: FleetEffects,
        _ reports: Reports
    ) -> AgentListener {
        let address = SocketAddress.loopback(port: manifest.port)
        return AgentListener(
            on: address, passed: adopted, keeper: effects.listeners, loop: effects.loop
        ) { reports.event(.connectionWaiting) }
    }
}
