import LinuxIO

extension EventLoop {
    /// Runs a body on the loop's thread and waits for its result.
    func perform<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            execute { continuation.resume(with: Result { try body() }) }
        }
    }

    /// Starts something on the loop's thread and waits until it says that it has finished.
    ///
    /// - Parameter body: Calls what it is given once, from whatever it started.
    /// - Returns: What was said.
    /// - Throws: What the body threw.
    func wait<Value: Sendable>(
        until body: @escaping @Sendable (@escaping @Sendable (Value) -> Void) throws -> Void
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            execute {
                do {
                    try body { continuation.resume(returning: $0) }
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }
}
