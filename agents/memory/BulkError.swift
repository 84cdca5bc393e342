import AgentRuntime

/// What was wrong with one element of a bulk operation.
struct BulkError: Sendable, Hashable {
    /// Its place, from 0.
    let index: Int
    let error: OperationError
}
