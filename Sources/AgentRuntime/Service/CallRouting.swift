package import AgentAPI
package import GRPCCore

/// Sends each call to where it belongs: to this agent's own operations, or through the fleet to another agent.
package struct CallRouting: CallExecuting {
    private let agentID: String
    private let own: any CallExecuting
    private let fleet: any CallExecuting

    /// Creates a routing.
    ///
    /// - Parameters:
    ///   - agentID: This agent, which an empty id means too.
    ///   - own: Runs its operations.
    ///   - fleet: Takes all other calls.
    package init(agentID: String, own: any CallExecuting, fleet: any CallExecuting) {
        self.agentID = agentID
        self.own = own
        self.fleet = fleet
    }

    /// Whether an agent id means this agent.
    package func isOwn(_ id: String) -> Bool { id.isEmpty || id == agentID }

    package func execute(
        _ request: Op_Agents_V1_ExecuteRequest, metadata: CallMetadata
    ) async throws -> Op_Agents_V1_ExecuteResponse {
        try await executor(for: request).execute(request, metadata: metadata)
    }

    package func executeStream(
        _ request: Op_Agents_V1_ExecuteRequest, metadata: CallMetadata,
        to writer: RPCWriter<Op_Agents_V1_ExecuteStreamResponse>
    ) async throws {
        try await executor(for: request).executeStream(request, metadata: metadata, to: writer)
    }

    private func executor(for request: Op_Agents_V1_ExecuteRequest) -> any CallExecuting {
        isOwn(request.agentID) ? own : fleet
    }
}
