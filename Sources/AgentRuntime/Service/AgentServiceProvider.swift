package import AgentAPI
package import GRPCCore

/// `op.agents.v1.AgentService` on an agent's own port: its operations directly, anything else through the fleet.
package struct AgentServiceProvider: Op_Agents_V1_AgentService.ServiceProtocol {
    private let table: OperationTable
    private let calls: CallRouting
    private let fleet: any FleetForwarding
    private let sessions: any SessionValidating
    private let executor: (any TaskExecutor)?
    private let drain: ConversationDrain?

    /// Creates the service.
    ///
    /// - Parameters:
    ///   - table: The agent's operations.
    ///   - runner: Runs them.
    ///   - fleet: Takes what is not this agent's.
    ///   - sessions: Which sessions exist.
    ///   - executor: Where calls run; the global executor where nil.
    ///   - drain: Ends the conversations when the server stops.
    package init(
        table: OperationTable, runner: any CallExecuting, fleet: any FleetForwarding,
        sessions: any SessionValidating, executor: (any TaskExecutor)? = nil,
        drain: ConversationDrain? = nil
    ) {
        self.table = table
        self.fleet = fleet
        self.sessions = sessions
        self.executor = executor
        self.drain = drain
        calls = CallRouting(agentID: table.agentID, own: runner, fleet: fleet)
    }

    package func execute(
        request: ServerRequest<Op_Agents_V1_ExecuteRequest>, context: ServerContext
    ) async throws -> ServerResponse<Op_Agents_V1_ExecuteResponse> {
        // The runner makes its own calls cancellable; a forwarded one has to be made so here.
        try await ServerResponse(
            message: calls.isOwn(request.message.agentID)
                ? calls.execute(
                    request.message, metadata: CallMetadata(request.metadata, of: context))
                : forward(request, context) { [calls] in try await calls.execute($0, metadata: $1) }
        )
    }

    package func executeStream(
        request: ServerRequest<Op_Agents_V1_ExecuteRequest>, context: ServerContext
    ) async throws -> StreamingServerResponse<Op_Agents_V1_ExecuteStreamResponse> {
        let metadata = CallMetadata(request.metadata, of: context)
        return StreamingServerResponse { [executor, calls] writer in
            try await RunningCall(executor: executor).run(deadline: metadata.deadline) {
                try await calls.executeStream(request.message, metadata: metadata, to: writer)
            }
            return [:]
        }
    }

    package func batchExecute(
        request: ServerRequest<Op_Agents_V1_BatchExecuteRequest>, context: ServerContext
    ) async throws -> StreamingServerResponse<Op_Agents_V1_BatchExecuteResponse> {
        let metadata = CallMetadata(request.metadata, of: context)
        return StreamingServerResponse { [executor, calls, sessions] writer in
            try await sessions.run(
                RunningCall(executor: executor, isContainer: true),
                in: request.message.sessionID,
                deadline: metadata.deadline
            ) {
                try await BatchExecution(calls).run(
                    request.message, metadata: metadata, to: writer)
            }
            return [:]
        }
    }

    package func session(
        request: StreamingServerRequest<Op_Agents_V1_SessionRequest>, context: ServerContext
    ) async throws -> StreamingServerResponse<Op_Agents_V1_SessionResponse> {
        let conversation = SessionConversation(
            executor: calls, sessions: sessions, taskExecutor: executor, drain: drain)
        let metadata = CallMetadata(request.metadata, of: context)
        return StreamingServerResponse { writer in
            try await conversation.run(request.messages, metadata: metadata, to: writer)
            return [:]
        }
    }

    package func startSession(
        request: ServerRequest<Op_Agents_V1_StartSessionRequest>, context: ServerContext
    ) async throws -> ServerResponse<Op_Agents_V1_StartSessionResponse> {
        try await ServerResponse(
            message: forward(request, context) { [fleet] in
                try await fleet.startSession($0, metadata: $1)
            })
    }

    package func endSession(
        request: ServerRequest<Op_Agents_V1_EndSessionRequest>, context: ServerContext
    ) async throws -> ServerResponse<Op_Agents_V1_EndSessionResponse> {
        try await ServerResponse(
            message: forward(request, context) { [fleet] in
                try await fleet.endSession($0, metadata: $1)
            })
    }

    package func listAgents(
        request: ServerRequest<Op_Agents_V1_ListAgentsRequest>, context: ServerContext
    ) async throws -> ServerResponse<Op_Agents_V1_ListAgentsResponse> {
        try await ServerResponse(
            message: forward(request, context) { [fleet] in try await fleet.listAgents(metadata: $1)
            })
    }

    package func listOperations(
        request: ServerRequest<Op_Agents_V1_ListOperationsRequest>, context: ServerContext
    ) async throws -> ServerResponse<Op_Agents_V1_ListOperationsResponse> {
        guard calls.isOwn(request.message.agentID) else {
            return try await ServerResponse(
                message: forward(request, context) { [fleet] in
                    try await fleet.listOperations($0, metadata: $1)
                })
        }
        var response = Op_Agents_V1_ListOperationsResponse()
        response.agentID = table.agentID
        response.operations = table.listing
        return ServerResponse(message: response)
    }

    /// Passes a request on in a call of its own, so that it is cancelled with the caller's.
    private func forward<Request: Sendable, Response: Sendable>(
        _ request: ServerRequest<Request>, _ context: ServerContext,
        _ send: @escaping @Sendable (Request, CallMetadata) async throws -> Response
    ) async throws -> Response {
        let metadata = CallMetadata(request.metadata, of: context)
        return try await RunningCall(executor: executor).run(deadline: metadata.deadline) {
            try await send(request.message, metadata)
        }
    }
}
