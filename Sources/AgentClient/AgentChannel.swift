package import AgentAPI

/// A connection to one port of the fleet: each function is one RPC of `AgentService`, tried once.
///
/// Every function throws DEADLINE_EXCEEDED after `timeout` (nil: never), and an error whose
/// ``AgentCallError/wasSent`` is false exactly where no connection could be made.
package protocol AgentChannel: Sendable {
    func startSession(
        _ request: Op_Agents_V1_StartSessionRequest, timeout: Duration?
    ) async throws(AgentCallError) -> Op_Agents_V1_StartSessionResponse

    func endSession(
        _ request: Op_Agents_V1_EndSessionRequest, timeout: Duration?
    ) async throws(AgentCallError) -> Op_Agents_V1_EndSessionResponse

    func listAgents(timeout: Duration?) async throws(AgentCallError)
        -> Op_Agents_V1_ListAgentsResponse

    func listOperations(
        _ request: Op_Agents_V1_ListOperationsRequest, timeout: Duration?
    ) async throws(AgentCallError) -> Op_Agents_V1_ListOperationsResponse

    func execute(
        _ request: Op_Agents_V1_ExecuteRequest, timeout: Duration?
    ) async throws(AgentCallError) -> Op_Agents_V1_ExecuteResponse

    /// Returns when the stream has ended. Nothing is read from the connection while `receive` is busy.
    func executeStream(
        _ request: Op_Agents_V1_ExecuteRequest, timeout: Duration?,
        receive: @escaping @Sendable (Op_Agents_V1_ExecuteStreamResponse) async throws -> Void
    ) async throws(AgentCallError)

    /// Returns when the stream has ended. Nothing is read from the connection while `receive` is busy.
    func batchExecute(
        _ request: Op_Agents_V1_BatchExecuteRequest, timeout: Duration?,
        receive: @escaping @Sendable (Op_Agents_V1_BatchExecuteResponse) async throws -> Void
    ) async throws(AgentCallError)

    /// Lets running calls finish, then closes.
    func close() async
}
