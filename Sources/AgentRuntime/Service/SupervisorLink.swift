package import AgentAPI
package import GRPCCore
private import GRPCProtobuf

/// A kept connection to the supervisor: forwards what is not for this agent, and holds sessions.
package struct SupervisorLink<Transport: ClientTransport>: FleetForwarding, SessionHolding {
    private let client: GRPCClient<Transport>
    private let agents: Op_Agents_V1_AgentService.Client<Transport>
    private let supervisor: Op_Supervisor_V1_Supervisor.Client<Transport>
    private let agentID: String

    /// Creates a link that is not connected yet.
    ///
    /// - Parameters:
    ///   - transport: Leads to the supervisor.
    ///   - agentID: The agent that asks.
    package init(transport: Transport, agentID: String) {
        let client = GRPCClient(transport: transport)
        self.client = client
        self.agentID = agentID
        agents = Op_Agents_V1_AgentService.Client(wrapping: client)
        supervisor = Op_Supervisor_V1_Supervisor.Client(wrapping: client)
    }

    /// Connects, and connects again whenever the connection is lost; returns after ``close()``.
    ///
    /// - Throws: What the transport throws where it cannot go on.
    package func run() async throws {
        try await client.runConnections()
    }

    /// Lets running calls finish, then closes the connection.
    package func close() {
        client.beginGracefulShutdown()
    }

    package func startSession(
        _ request: Op_Agents_V1_StartSessionRequest, metadata: CallMetadata
    ) async throws -> Op_Agents_V1_StartSessionResponse {
        try await agents.startSession(
            request, metadata: metadata.forwarded())
    }

    package func endSession(
        _ request: Op_Agents_V1_EndSessionRequest, metadata: CallMetadata
    ) async throws -> Op_Agents_V1_EndSessionResponse {
        try await agents.endSession(
            request, metadata: metadata.forwarded())
    }

    package func listAgents(
        metadata: CallMetadata
    ) async throws -> Op_Agents_V1_ListAgentsResponse {
        try await agents.listAgents(
            Op_Agents_V1_ListAgentsRequest(), metadata: metadata.forwarded())
    }

    package func listOperations(
        _ request: Op_Agents_V1_ListOperationsRequest, metadata: CallMetadata
    ) async throws -> Op_Agents_V1_ListOperationsResponse {
        try await agents.listOperations(
            request, metadata: metadata.forwarded())
    }

    package func execute(
        _ request: Op_Agents_V1_ExecuteRequest, metadata: CallMetadata
    ) async throws -> Op_Agents_V1_ExecuteResponse {
        try await agents.execute(
            request, metadata: metadata.forwarded())
    }

    package func executeStream(
        _ request: Op_Agents_V1_ExecuteRequest, metadata: CallMetadata,
        to writer: RPCWriter<Op_Agents_V1_ExecuteStreamResponse>
    ) async throws {
        try await agents.executeStream(
            request, metadata: metadata.forwarded()
        ) { response in
            for try await chunk in response.messages { try await writer.write(chunk) }
        }
    }

    package func hold(
        _ sessionID: String, updates: AsyncStream<SessionStreams>,
        onHeld: @escaping @Sendable () -> Void
    ) async throws {
        var hold = Op_Supervisor_V1_HoldSessionRequest()
        hold.sessionID = sessionID
        hold.agentID = agentID
        try await supervisor.holdSession { [hold] writer in
            try await writer.write(hold)
            var update = hold
            for await streams in updates {
                update.streamsOpened = UInt32(clamping: streams.opened)
                update.streamsEnded = UInt32(clamping: streams.ended)
                try await writer.write(update)
            }
        } onResponse: { response in
            var isFirst = true
            for try await _ in response.messages {
                if isFirst { onHeld() }
                isFirst = false
            }
        }
    }
}
