internal import AgentAPI
private import GRPCCore
private import GRPCProtobuf
internal import HTTP2Transport

/// All services of an agent on its sockets.
struct AgentServer: Sendable {
    /// NOT_SERVING at first.
    let health: HealthStatuses

    private let conversations = ConversationDrain()
    private let server: GRPCServer<HTTP2ServerTransport>

    init(
        _ services: AgentServices, environment: AgentEnvironment, transport: HTTP2ServerTransport,
        fleet: FleetConnection
    ) {
        let table = OperationTable(
            agentID: environment.agentID,
            operations: services.operations + [.artifact(in: environment.artifacts)])
        // A router of the concrete transport: GRPCServer's list of services makes one call
        // through an existential of each.
        var router = RPCRouter<HTTP2ServerTransport>()
        for service in services.typed { service.registerMethods(with: &router) }
        let counters = CallCounters(of: table, methods: router.methods)
        // Reaches what is registered already and nothing else: the calls of the generic door are
        // counted by the runner, each of a batch or a conversation for itself.
        router.registerInterceptors(
            pipeline: [.apply(CountingInterceptor(counters: counters), to: .all)])
        let runner = OperationRunner(
            table, counters: counters, sessions: fleet.sessions, artifacts: environment.artifacts,
            logger: environment.logger, executor: environment.eventLoop)
        let agentService = AgentServiceProvider(
            table: table, runner: runner, fleet: fleet.forwarding, sessions: fleet.sessions,
            executor: environment.eventLoop, drain: conversations)
        agentService.registerMethods(with: &router)
        AgentMetricsService(agentID: environment.agentID, counters: counters)
            .registerMethods(with: &router)
        let names = Set(router.methods.map(\.service.fullyQualifiedService))
        health = HealthStatuses(services: names)
        HealthService(health).registerMethods(with: &router)
        let published = names.union([
            Grpc_Health_V1_Health.descriptor.fullyQualifiedService,
            Grpc_Reflection_V1_ServerReflection.descriptor.fullyQualifiedService,
        ])
        ReflectionService(services: published).registerMethods(with: &router)
        server = GRPCServer(transport: transport, router: router)

        var methods = DirectMethods()
        methods.register(
            Op_Agents_V1_AgentService.Method.Execute.descriptor,
            deserializer: ProtobufDeserializer(), serializer: ProtobufSerializer(),
            handler: agentService.execute)
        for method in services.direct {
            method.register(in: &methods, counting: counters)
        }
        transport.answer(methods)
    }

    /// Serves until drained.
    ///
    /// - Throws: What the transport throws where it cannot go on.
    func serve() async throws {
        try await server.serve()
    }

    /// Says NOT_SERVING, accepts nothing more, and lets calls finish within the transport's grace.
    func drain() {
        health.drain()
        conversations.begin()
        server.beginGracefulShutdown()
    }
}
