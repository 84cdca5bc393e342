internal import AgentAPI
internal import GRPCCore

/// What became of one call of a batch.
public struct BatchResult: Sendable, Hashable {
    /// The place of the call in the batch, from 0.
    public var index: Int
    /// What the operation answered, or why the call could not be carried out.
    public var outcome: Result<AgentResult, AgentCallError>

    init(_ message: Op_Agents_V1_BatchExecuteResponse) {
        index = Int(message.index)
        outcome =
            switch message.outcome {
            case .result(let response): .success(AgentResult(response))
            case .error(let error): .failure(AgentCallError(error))
            case nil:
                .failure(AgentCallError(.internalError, "cannot read the answer: it is empty"))
            }
    }
}
