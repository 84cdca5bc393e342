import AgentManifest
import Glibc
import LinuxIO
import Logging
import Supervision
import TestSupport

@testable import SupervisorRuntime

/// A fleet whose processes, clock and health are scripted, on a real event loop.
final class FleetUnderTest: Sendable {
    let loop: EventLoop
    let clock: ManualClock
    let spawner: ScriptedSpawner
    let health: ScriptedHealth
    private let relays: ScratchDirectory
    let kept = KeptPorts()
    let store: MemorySessionStore
    let fleet: Fleet
    /// The agents' listening sockets, on ports that the kernel chose.
    private let sockets: [AgentID: CInt]
    private let passesSockets: Bool
    /// What systemd would keep of them.
    private let copies: [CInt]

    /// Makes a fleet that has not started.
    ///
    /// - Parameters:
    ///   - alwaysOn: Agents that run on connection.
    ///   - onDemand: Agents that do not.
    ///   - start: When those that run on connection start.
    ///   - sessions: How long sessions last.
    ///   - store: Keeps sessions; another fleet's, to play a restart.
    ///   - passesSockets: Whether the fleet gets the agents' sockets, else it binds their ports.
    ///   - keepsCopies: Whether somebody else has those sockets too until `stop`, as systemd does.
    /// - Throws: `SystemError` where descriptors or threads have run out.
    init(
        alwaysOn: [AgentID] = [], onDemand: [AgentID] = [], start: FleetStart = .boot,
        sessions: SessionSettings = SessionSettings(),
        store: MemorySessionStore = MemorySessionStore(), passesSockets: Bool = true,
        keepsCopies: Bool = false
    ) throws {
        self.passesSockets = passesSockets
        loop = try EventLoop(name: "fleet-test")
        clock = ManualClock(loop)
        spawner = ScriptedSpawner(loop)
        health = ScriptedHealth()
        relays = try ScratchDirectory()
        self.store = store
        var sockets: [AgentID: CInt] = [:]
        var manifests: [AgentManifest] = []
        for id in alwaysOn + onDemand {
            let socket = try ListeningSocket.bind(to: .loopback(port: 0))
            sockets[id] = fcntl(socket.descriptor.rawValue, F_DUPFD_CLOEXEC, 0)
            let policy: StartPolicy = alwaysOn.contains(id) ? .connection : .demand
            manifests.append(Self.manifest(id, port: socket.localAddress.port ?? 1, start: policy))
        }
        self.sockets = sockets
        copies = keepsCopies ? sockets.values.map { fcntl($0, F_DUPFD_CLOEXEC, 0) } : []
        let configuration = FleetConfiguration(
            supervisor: SupervisorSettings(
                directories: ServiceDirectories(state: "/nowhere", runtime: "/nowhere")),
            sessions: sessions, start: start, agents: manifests)
        fleet = Fleet(
            configuration,
            effects: FleetEffects(
                loop: loop, clock: clock, starter: spawner, health: health,
                relays: try PortRelays(in: relays.path, on: loop) { $1($0) },
                listeners: kept),
            store: store, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Ends the loop's thread.
    func stop() {
        loop.stop()
        for copy in copies { close(copy) }
    }

    static func manifest(_ id: AgentID, port: UInt16, start: StartPolicy) -> AgentManifest {
        var manifest = AgentManifest(id: id, executable: "/bin/true", port: port)
        manifest.start = start
        return manifest
    }

    /// Starts the fleet on its sockets; call it once.
    func start() async throws {
        var listeners = AdoptedListeners()
        for socket in sockets.values {
            let descriptor = OwnedDescriptor(owning: socket)
            if passesSockets { try listeners.add(descriptor) }
        }
        try await fleet.start(adopting: listeners)
    }

    /// Says READY=1 for an instance and waits until the fleet has drawn its conclusions.
    func sayReady(_ pid: Int32) async {
        await fleet.notified(by: pid, isReady: true)
    }

    /// Waits for a state of an agent; it must come.
    func wait(for kind: AgentState.Kind, of id: AgentID) async throws {
        try await fleet.settle(id) { $0.machine.state.kind == kind ? .success(()) : nil }
    }

    /// The pid of an agent's instance, which must be there.
    func pid(of id: AgentID) async throws -> Int32 {
        try await fleet.settle(id) { agent in agent.pid.map { .success($0) } }
    }

    /// The states that an agent went through.
    func states(of id: AgentID) -> [AgentState.Kind] {
        fleet.events.entries(after: 0).filter { $0.agent == id }.map(\.transition.to.kind)
    }

    /// Starts the fleet and brings all that always run to serve.
    func startAndServe() async throws {
        try await start()
        for agent in await fleet.snapshots where agent.manifest.start == .connection {
            await sayReady(try await pid(of: agent.manifest.id))
            try await wait(for: .serving, of: agent.manifest.id)
        }
    }
}
