/// One way to make a unary call on one connection.
protocol EchoCaller: Sendable {
    /// Calls once.
    ///
    /// - Returns: What the server answered: the same bytes.
    /// - Throws: What the call ended with.
    func echo(_ message: [UInt8]) async throws -> [UInt8]
}
