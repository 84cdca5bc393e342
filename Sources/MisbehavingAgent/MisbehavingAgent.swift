internal import AgentRuntime

/// A real agent that misbehaves on request: what a supervisor has to live with.
@main
struct MisbehavingAgent: Agent {
    static let id = ProcessEnvironment.variables()["MISBEHAVING_ID"] ?? "misbehaving"
    static let defaultPort: UInt16 = 50099
    static let summary = "Misbehaves on request, for the tests of the supervisor"
    static let gracePeriod = Duration.seconds(1)

    static func make(in environment: AgentEnvironment) async throws -> AgentServices {
        let variables = ProcessEnvironment.variables()
        let misbehaviour = try Misbehaviour(variables)
        try await misbehaviour.startUp(variables)
        let health = HealthHandle()
        return AgentServices(
            operations: MisbehavingOperations.all(
                eventLoop: environment.eventLoop, health: health),
            started: { statuses in
                health.take(statuses)
                await misbehaviour.onceReady(statuses, eventLoop: environment.eventLoop)
            },
            shutdown: { await misbehaviour.shutDown() })
    }
}
