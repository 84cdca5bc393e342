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

    var manifest: AgentManifest
    private let output: OutputRing
    private let effects: FleetEffects
    private let reports: Reports
    private var listener: AgentListener
    private var instance: (any AgentInstance)?
    private var checker: (any HealthChecking)?

    init(
        _ manifest: AgentManifest, output: OutputRing, effects: FleetEffects, reports: Reports
    ) {
        self.manifest = manifest
        self.output = output
        self.effects = effects
        self.reports = reports
        listener = Self.makeListener(manifest, effects, reports)
    }

    /// The leader's pid, while there is an instance.
    var pid: Int32? { instance?.pid }

    /// Where the agent listens.
    var address: SocketAddress { .loopback(port: manifest.port) }

    /// Takes over a socket that listens on the agent's port already.
    func adopt(_ descriptor: consuming OwnedDescriptor) throws(SystemError) {
        try listener.adopt(descriptor)
    }

    /// Moves to the port that the manifest has now; the old one is closed.
    func moveListener(to condition: Listener) {
        setListener(.closed)
        listener = Self.makeListener(manifest, effects, reports)
        setListener(condition)
    }

    /// Brings the listener into its first condition.
    ///
    /// - Throws: Why the port cannot be listened on.
    func openListener(as condition: Listener) throws(PortError) {
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
            let checker = checker ?? effects.health.makeChecker(of: address)
            self.checker = checker
            reports.probe(generation, checker, timeout)
        case .report: break
        }
    }

    private func setListener(_ condition: Listener) {
        do {
            try listener.set(condition)
        } catch {
            // The next start tries again, and fails with this reason if it is still there.
            reports.portError(error)
        }
    }

    private func spawn(_ generation: Generation) {
        dropChecker()
        do {
            let plan = InstancePlan(
                manifest: manifest, listener: try listeningDescriptor(), output: output)
            instance = try effects.starter.start(plan) { [weak self] status in
                self?.ended(generation, status)
            }
        } catch {
            reports.event(.spawnFailed(generation, diagnosis: error.description))
        }
    }

    private func listeningDescriptor() throws(InstanceError) -> Int32 {
        do {
            return try listener.open()
        } catch {
            throw InstanceError(
                error.sentence(for: manifest.id.rawValue, key: "agents.\(manifest.id).port"))
        }
    }

    private func ended(_ generation: Generation, _ status: ExitStatus) {
        instance = nil
        dropChecker()
        reports.event(.exited(generation, status))
    }

    private func dropChecker() {
        checker?.close()
        checker = nil
    }

    private static func makeListener(
        _ manifest: AgentManifest, _ effects: FleetEffects, _ reports: Reports
    ) -> AgentListener {
        AgentListener(on: .loopback(port: manifest.port), loop: effects.loop) {
            reports.event(.connectionWaiting)
        }
    }
}
