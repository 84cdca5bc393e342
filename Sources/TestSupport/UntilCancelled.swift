/// Does nothing until the task is cancelled.
///
/// - Throws: `CancellationError`.
package func untilCancelled() async throws {
    while true { try await Task.sleep(for: .seconds(3600)) }
}

/// Does nothing until the task is cancelled, where a value is wanted.
///
/// - Parameter type: Of the value that never comes.
/// - Returns: Never.
/// - Throws: `CancellationError`.
package func untilCancelled<Value>(as type: Value.Type) async throws -> Value {
    while true { try await Task.sleep(for: .seconds(3600)) }
}
