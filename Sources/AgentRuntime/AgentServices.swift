package import AgentAPI
package import GRPCCore

/// What an agent serves.
package struct AgentServices: Sendable {
    /// For Execute, ExecuteStream, BatchExecute and Session.
    ///
    /// `artifact` is added to them.
    package var operations: [Operation]
    /// The agent's own contracts from `proto/`.
    package var typed: [any RegistrableRPCService]
    /// Methods of the typed services that are called often.
    package var direct: [DirectMethod]
    /// Called once, when the agent has said that it is ready.
    package var started: (@Sendable (HealthStatuses) async -> Void)?
    /// Called once, when the last call is over and before the process exits.
    package var shutdown: (@Sendable () async -> Void)?

    /// Creates the services.
    ///
    /// - Parameters:
    ///   - operations: For the generic door.
    ///   - typed: The typed doors.
    ///   - direct: Those of their unary methods that are called often.
    ///   - started: Called once, when the agent has said that it is ready.
    ///   - shutdown: Called once, when the last call is over; finishes within the manifest's grace.
    package init(
        operations: [Operation], typed: [any RegistrableRPCService] = [],
        direct: [DirectMethod] = [],
        started: (@Sendable (HealthStatuses) async -> Void)? = nil,
        shutdown: (@Sendable () async -> Void)? = nil
    ) {
        self.operations = operations
        self.typed = typed
        self.direct = direct
        self.started = started
        self.shutdown = shutdown
    }
}
