package import LinuxIO
package import Supervision

/// Asks an agent whether it is well.
package protocol HealthChecking: Sendable {
    /// Asks once.
    ///
    /// - Parameter timeout: How long the answer may take.
    /// - Returns: The answer, after the timeout at the latest.
    func check(within timeout: Duration) async -> HealthAnswer

    /// Asks once, over a new connection: an agent that takes no connections any more still answers on
    /// those that it has.
    ///
    /// - Parameter timeout: How long the answer may take.
    /// - Returns: The answer, after the timeout at the latest.
    func checkNewConnection(within timeout: Duration) async -> HealthAnswer

    /// Lets go of the connection.
    func close()
}

/// Makes what asks an agent: over gRPC, or by a script in tests.
package protocol HealthCheckerMaking: Sendable {
    /// Prepares to ask an agent.
    ///
    /// - Parameter address: Where it listens.
    /// - Returns: What asks; it connects with its first question.
    func makeChecker(of address: SocketAddress) -> any HealthChecking
}

/// What an agent said about its health, or that it said nothing.
package enum HealthAnswer: Equatable, Sendable {
    /// It serves.
    case serving
    /// It does not, or did not answer.
    case failed(ProbeFailure)
}
