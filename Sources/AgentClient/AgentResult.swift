internal import AgentAPI

/// What an operation answered.
public struct AgentResult: Sendable, Hashable {
    /// The agent that answered.
    public var agent: String
    /// The operation's own name, where the call used an alias.
    public var operation: String
    /// False where the operation was carried out and its answer is a failure: a compile error, a miss.
    public var success: Bool
    /// The text of a JSON object with at least `summary` and `duration_ms`.
    public var json: String
    /// One sentence where ``success`` is false; otherwise nil.
    public var failure: String?
    /// The time spent inside the agent.
    public var executionTime: Duration

    init(_ response: Op_Agents_V1_ExecuteResponse) {
        agent = response.agentID
        operation = response.operation
        success = response.success
        json = response.resultJson
        failure = response.success ? nil : response.error
        executionTime = .microseconds(Int64(clamping: response.executionTimeUs))
    }
}
