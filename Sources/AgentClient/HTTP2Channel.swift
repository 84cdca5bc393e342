internal import AgentAPI
internal import GRPCCore
internal import HTTP2Transport

/// A channel over a kept HTTP/2 connection.
struct HTTP2Channel: AgentChannel {
    private let connection: Connection
    private let stub: Op_Agents_V1_AgentService.Client<HTTP2ClientTransport>

    init(_ connection: Connection) {
        self.connection = connection
        stub = Op_Agents_V1_AgentService.Client(wrapping: connection.client)
    }

    func startSession(
        _ request: Op_Agents_V1_StartSessionRequest, timeout: Duration?
    ) async throws(AgentCallError) -> Op_Agents_V1_StartSessionResponse {
        try await connection.unary(within: timeout) { metadata, respond in
            try await stub.startSession(
                request: ClientRequest(message: request, metadata: metadata),
                onResponse: respond)
        }
    }

    func endSession(
        _ request: Op_Agents_V1_EndSessionRequest, timeout: Duration?
    ) async throws(AgentCallError) -> Op_Agents_V1_EndSessionResponse {
        try await connection.unary(within: timeout) { metadata, respond in
            try await stub.endSession(
                request: ClientRequest(message: request, metadata: metadata),
                onResponse: respond)
        }
    }

    func listAgents(timeout: Duration?) async throws(AgentCallError)
        -> Op_Agents_V1_ListAgentsResponse
    {
        try await connection.unary(within: timeout) { metadata, respond in
            try await stub.listAgents(
                request: ClientRequest(
                    message: Op_Agents_V1_ListAgentsRequest(), metadata: metadata),
                onResponse: respond)
        }
    }

    func listOperations(
        _ request: Op_Agents_V1_ListOperationsRequest, timeout: Duration?
    ) async throws(AgentCallError) -> Op_Agents_V1_ListOperationsResponse {
        try await connection.unary(within: timeout) { metadata, respond in
            try await stub.listOperations(
                request: ClientRequest(message: request, metadata: metadata),
                onResponse: respond)
        }
    }

    func execute(
        _ request: Op_Agents_V1_ExecuteRequest, timeout: Duration?
    ) async throws(AgentCallError) -> Op_Agents_V1_ExecuteResponse {
        try await connection.direct(
            Op_Agents_V1_AgentService.Method.Execute.descriptor, request, within: timeout)
    }

    func executeStream(
        _ request: Op_Agents_V1_ExecuteRequest, timeout: Duration?,
        receive: @escaping @Sendable (Op_Agents_V1_ExecuteStreamResponse) async throws -> Void
    ) async throws(AgentCallError) {
        try await connection.stream(within: timeout, to: receive) { metadata, respond in
            try await stub.executeStream(
                request: ClientRequest(message: request, metadata: metadata),
                onResponse: respond)
        }
    }

    func batchExecute(
        _ request: Op_Agents_V1_BatchExecuteRequest, timeout: Duration?,
        receive: @escaping @Sendable (Op_Agents_V1_BatchExecuteResponse) async throws -> Void
    ) async throws(AgentCallError) {
        try await connection.stream(within: timeout, to: receive) { metadata, respond in
            try await stub.batchExecute(
                request: ClientRequest(message: request, metadata: metadata),
                onResponse: respond)
        }
    }

    func close() async {
        await connection.close()
    }
}
