internal import AgentRuntime

/// A real agent that misbehaves on request: what a supervisor has to live with.
@main
struct MisbehavingAgent: Agent {
    static let id = ProcessEnvironment.variables()["MISBEHAVING_ID"] ?? "misbehaving"
    static let defaultPort: UInt16 = 50099
    static let summary = "Misbehaves on request, for the tests of the supervisor"
    static let gracePeriod = Duration.seconds(1)

    static func make(in environment: AgentEnvironment) async throws -> AgentServices {
        let misbehaviour = try Misbehaviour(ProcessEnvironment.variables())
        try await misbehaviour.startUp()
        return AgentServices(
            operations: MisbehavingOperations.all(eventLoop: environment.eventLoop),
            started: { health in
                await misbehaviour.onceReady(health, eventLoop: environment.eventLoop)
            },
            shutdown: { await misbehaviour.shutDown() })
    }
}
