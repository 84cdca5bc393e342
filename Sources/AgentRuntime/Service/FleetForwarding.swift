package import AgentAPI

/// The way from one agent to the rest of the fleet: calls for other agents, and what concerns all of them.
package protocol FleetForwarding: CallExecuting {
    /// Opens a session in the fleet.
    func startSession(
        _ request: Op_Agents_V1_StartSessionRequest, metadata: CallMetadata
    ) async throws -> Op_Agents_V1_StartSessionResponse

    /// Ends a session of the fleet.
    func endSession(
        _ request: Op_Agents_V1_EndSessionRequest, metadata: CallMetadata
    ) async throws -> Op_Agents_V1_EndSessionResponse

    /// The agents of the fleet.
    func listAgents(metadata: CallMetadata) async throws -> Op_Agents_V1_ListAgentsResponse

    /// The operations of another agent.
    func listOperations(
        _ request: Op_Agents_V1_ListOperationsRequest, metadata: CallMetadata
    ) async throws -> Op_Agents_V1_ListOperationsResponse
}
