internal import AgentAPI
internal import AgentManifest
internal import GRPCCore
internal import HTTP2Transport
internal import LinuxIO
internal import Logging
private import Synchronization
internal import Systemd

/// Serves a fleet on a transport, tells the service manager about it, and carries out what the process
/// is asked for.
final class FleetService: Sendable {
    /// What the service manager was told of the fleet.
    private struct StatusLine {
        var last = ""
        /// Whether it was told so just now.
        var isPaused = false
        /// Whether something has changed meanwhile.
        var isStale = false
    }

    /// How long the service manager is told nothing new after a line.
    private static let statusPause: Duration = .milliseconds(50)

    private let fleet: Fleet
    private let parts: SupervisorProcess.Parts
    private let server: GRPCServer<HTTP2ServerTransport>
    private let health: HealthStatuses
    private let addresses: [SocketAddress]
    private let statusLine = Mutex(StatusLine())

    init(
        _ fleet: Fleet, transport: HTTP2ServerTransport, parts: SupervisorProcess.Parts,
        about: SupervisorFacts, surroundings: ProcessStarter.Surroundings
    ) {
        self.fleet = fleet
        self.parts = parts
        addresses = transport.localAddresses
        let services = [
            Op_Agents_V1_AgentService.descriptor, Op_Agents_V1_Metrics.descriptor,
            Op_Supervisor_V1_Supervisor.descriptor,
        ].map(\.fullyQualifiedService)
        let standard = [
            Grpc_Health_V1_Health.descriptor, Grpc_Reflection_V1_ServerReflection.descriptor,
        ].map(\.fullyQualifiedService)
        health = HealthStatuses(services: services)
        var router = RPCRouter<HTTP2ServerTransport>()
        FleetAgentService(fleet).registerMethods(with: &router)
        SupervisorService(
            fleet, about: about, surroundings: surroundings,
            reload: { try await Self.reload(fleet, parts) }
        ).registerMethods(with: &router)
        FleetMetricsService(FleetMetrics(of: fleet, about: about)).registerMethods(with: &router)
        HealthService(health).registerMethods(with: &router)
        ReflectionService(services: services + standard).registerMethods(with: &router)
        server = GRPCServer(transport: transport, router: router)
    }

    /// Serves until it is asked to stop and everything has stopped.
    ///
    /// - Parameters:
    ///   - requests: What the process is asked for.
    ///   - asking: Its other end, which is finished when the server has ended.
    /// - Throws: Why the server cannot go on.
    func run(
        _ requests: AsyncStream<ProcessEvents.Request>,
        finishing asking: AsyncStream<ProcessEvents.Request>.Continuation
    ) async throws {
        let (reloads, reloading) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        defer { reloading.finish() }
        // One after the other, and apart from what is waited for: reading a file may take for ever, which
        // must keep nobody from stopping.
        Task { for await _ in reloads { await reloadAndLog() } }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [server] in
                defer { asking.finish() }
                try await server.serve()
            }
            group.addTask { await self.becomeReady() }
            for await request in requests {
                switch request {
                case .reload: reloading.yield()
                case .stop: group.addTask { await self.stop() }
                case .stopAtOnce: await fleet.kill()
                }
            }
            try await group.waitForAll()
        }
    }

    /// Tells the service manager how the fleet is, if that changed.
    ///
    /// At once, and then not again for a moment: each line names all that are in trouble, and where many
    /// agents start or stop together each would cause a line.
    ///
    /// Called on the loop's thread.
    func tellStatus() {
        let mayTell = statusLine.withLock { line in
            defer { line.isPaused = true }
            line.isStale = line.isPaused
            return !line.isPaused
        }
        guard mayTell else { return }
        let status = fleet.assumeIsolated { $0.statusLine }
        let isNew = statusLine.withLock { line in
            defer { line.last = status }
            return line.last != status
        }
        if isNew { tell([.status(status)]) }
        fleet.loop.schedule(after: Self.statusPause) { [weak self] in
            guard let self else { return }
            let isStale = statusLine.withLock { line in
                line.isPaused = false
                return line.isStale
            }
            if isStale { tellStatus() }
        }
    }

    private func becomeReady() async {
        let places = addresses.map(\.description).joined(separator: " and ")
        parts.logger.info("op-supervisor \(parts.version) serves on \(places)")
        if await fleet.configuration.start == .boot { await fleet.waitUntilWarm() }
        guard await !fleet.isStopping else { return }
        health.setAll(.serving)
        let status = await fleet.statusLine
        parts.logger.info("ready: \(status)")
        tell([.ready, .status(status)])
    }

    private func stop() async {
        parts.logger.info("stops")
        tell([.stopping])
        // Calls that run are finished by their agents as they drain; the server stays to say how far
        // the stop is, and to answer new calls with UNAVAILABLE.
        await fleet.stop()
        health.drain()
        server.beginGracefulShutdown()
        parts.logger.info("every agent is gone")
    }

    private func reloadAndLog() async {
        do {
            let changed = try await Self.reload(fleet, parts).map(\.rawValue)
            parts.logger.info(
                changed.isEmpty
                    ? "reloaded: no agent's settings changed"
                    : "reloaded: changed are \(changed.joined(separator: ", "))")
        } catch {
            parts.logger.error("\(error)")
        }
    }

    private static func reload(
        _ fleet: Fleet, _ parts: SupervisorProcess.Parts
    ) async throws -> [AgentID] {
        try await fleet.refuseWhenStopping()
        try parts.notifier.notify([.reloading])
        let result: Result<[AgentID], any Error>
        do {
            result = .success(try await loadAndApply(fleet, parts))
        } catch {
            result = .failure(error)
        }
        if await !fleet.isStopping { try? parts.notifier.notify([.ready]) }
        return try result.get()
    }

    private static func loadAndApply(
        _ fleet: Fleet, _ parts: SupervisorProcess.Parts
    ) async throws -> [AgentID] {
        let new = try await withTaskExecutorPreference(globalConcurrentExecutor) {
            try parts.loadConfiguration()
        }
        if await new.supervisor != fleet.configuration.supervisor {
            parts.logger.warning(
                "[supervisor] changed: that takes effect when op-supervisor is restarted")
        }
        return try await fleet.apply(new)
    }

    private func tell(_ notifications: [ServiceNotification]) {
        do {
            try parts.notifier.notify(notifications)
        } catch {
            parts.logger.warning("\(error)")
        }
    }
}
