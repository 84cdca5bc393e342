import AgentAPI
import GRPCCore

/// Runs calls as a test says.
struct ScriptedExecutor: CallExecuting {
    var body:
        @Sendable (Op_Agents_V1_ExecuteRequest, CallMetadata) async throws ->
            Op_Agents_V1_ExecuteResponse = { request, _ in .answering(request) }

    func execute(
        _ request: Op_Agents_V1_ExecuteRequest, metadata: CallMetadata
    ) async throws -> Op_Agents_V1_ExecuteResponse {
        try await body(request, metadata)
    }

    /// Two chunks, the second of which is final.
    func executeStream(
        _ request: Op_Agents_V1_ExecuteRequest, metadata: CallMetadata,
        to writer: RPCWriter<Op_Agents_V1_ExecuteStreamResponse>
    ) async throws {
        let response = try await body(request, metadata)
        for sequence in 0..<UInt64(2) {
            var chunk = Op_Agents_V1_ExecuteStreamResponse()
            chunk.sequence = sequence
            chunk.isFinal = sequence == 1
            chunk.resultJson = response.resultJson
            try await writer.write(chunk)
        }
    }
}

extension Op_Agents_V1_ExecuteResponse {
    /// Says which operation and session the request had.
    static func answering(_ request: Op_Agents_V1_ExecuteRequest) -> Self {
        var response = Self()
        response.operation = request.operation
        response.resultJson = request.sessionID
        return response
    }
}

extension Op_Agents_V1_ExecuteRequest {
    init(_ operation: String) {
        self.init()
        self.operation = operation
    }
}
