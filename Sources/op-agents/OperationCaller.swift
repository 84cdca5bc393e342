import AgentClient

/// Makes calls of operations for commands.
enum OperationCaller {
    /// A call that says no time limit gets this: a day, more than any operation allows itself.
    static let longestTimeout: Duration = .seconds(86_400)

    /// Connects, runs a body and closes the connection.
    ///
    /// - Parameters:
    ///   - fleet: Where the supervisor listens.
    ///   - body: What to do.
    /// - Returns: What the body returns.
    /// - Throws: ``CommandFailure`` where a call could not be carried out.
    static func withClient<Answer>(
        of fleet: FleetAddress, _ body: (GRPCAgentClient) async throws -> Answer
    ) async throws -> Answer {
        var configuration = AgentClientConfiguration(address: fleet.resolved())
        configuration.requestTimeout = longestTimeout
        do {
            let client = try GRPCAgentClient(configuration: configuration)
            let answer = try await body(client)
            await client.close()
            return answer
        } catch let error as AgentCallError {
            throw CommandFailure(error)
        }
    }
}
