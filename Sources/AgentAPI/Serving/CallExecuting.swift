package import GRPCCore

/// Runs one call of `op.agents.v1.AgentService`: an agent runs it itself, the supervisor passes it on.
///
/// Both functions throw `RPCError` (or an error that GRPCCore converts to one) where the call could not be carried
/// out, and return or throw only once nothing of the call runs any more. Cancelling the task cancels the call.
package protocol CallExecuting: Sendable {
    /// Runs an operation and answers once.
    ///
    /// - Parameters:
    ///   - request: The call; `timeout_ms`, agent and session ids are the executor's to check.
    ///   - metadata: What came beside it.
    /// - Returns: The result, bounded in size.
    /// - Throws: The status of a call that could not be carried out.
    func execute(
        _ request: Op_Agents_V1_ExecuteRequest, metadata: CallMetadata
    ) async throws -> Op_Agents_V1_ExecuteResponse

    /// Runs an operation and writes its output as it appears; the last chunk has `is_final` set.
    ///
    /// - Parameters:
    ///   - request: The call.
    ///   - metadata: What came beside it.
    ///   - writer: Takes the chunks; a write returns when the reader has room.
    /// - Throws: The status of a call that could not be carried out, and what the writer throws.
    func executeStream(
        _ request: Op_Agents_V1_ExecuteRequest, metadata: CallMetadata,
        to writer: RPCWriter<Op_Agents_V1_ExecuteStreamResponse>
    ) async throws
}
