package import AgentAPI
package import GRPCCore

/// The fleet of an agent that runs without a supervisor: itself, and sessions of its own.
package struct Unsupervised: FleetForwarding {
    private let agent: Op_Agents_V1_AgentInfo
    private let sessions: LocalSessions

    /// Creates the fleet of one.
    ///
    /// - Parameters:
    ///   - agent: As it is listed.
    ///   - sessions: Where sessions are kept.
    package init(agent: Op_Agents_V1_AgentInfo, sessions: LocalSessions) {
        self.agent = agent
        self.sessions = sessions
    }

    package func startSession(
        _ request: Op_Agents_V1_StartSessionRequest, metadata: CallMetadata
    ) async throws -> Op_Agents_V1_StartSessionResponse {
        var response = Op_Agents_V1_StartSessionResponse()
        response.sessionID = try sessions.start(request.sessionID)
        response.startedAgents = [agent.id]
        response.agents = [agent]
        return response
    }

    package func endSession(
        _ request: Op_Agents_V1_EndSessionRequest, metadata: CallMetadata
    ) async throws -> Op_Agents_V1_EndSessionResponse {
        var response = Op_Agents_V1_EndSessionResponse()
        response.cancelledCalls = UInt32(try sessions.end(request.sessionID))
        return response
    }

    package func listAgents(
        metadata: CallMetadata
    ) async throws -> Op_Agents_V1_ListAgentsResponse {
        var response = Op_Agents_V1_ListAgentsResponse()
        response.agents = [agent]
        return response
    }

    package func listOperations(
        _ request: Op_Agents_V1_ListOperationsRequest, metadata: CallMetadata
    ) async throws -> Op_Agents_V1_ListOperationsResponse {
        throw unreachable(request.agentID)
    }

    package func execute(
        _ request: Op_Agents_V1_ExecuteRequest, metadata: CallMetadata
    ) async throws -> Op_Agents_V1_ExecuteResponse {
        throw unreachable(request.agentID)
    }

    package func executeStream(
        _ request: Op_Agents_V1_ExecuteRequest, metadata: CallMetadata,
        to writer: RPCWriter<Op_Agents_V1_ExecuteStreamResponse>
    ) async throws {
        throw unreachable(request.agentID)
    }

    private func unreachable(_ agentID: String) -> RPCError {
        RPCError(
            code: .notFound,
            message:
                "cannot reach the agent \"\(agentID.prefix(128))\" from \(agent.id): no supervisor is "
                + "connected; start op-supervisor, or call that agent's own port")
    }
}
