import AgentAPI
import AgentClient

/// How a fleet was at an instant: its states, and what it had counted by then.
struct FleetSample: Sendable {
    let at: ContinuousClock.Instant
    let status: Op_Supervisor_V1_StatusResponse
    let metrics: Op_Agents_V1_ReadMetricsResponse

    /// Asks a supervisor.
    ///
    /// - Parameter supervisor: Whom to ask.
    /// - Returns: How the fleet is now.
    /// - Throws: Why the supervisor did not say.
    static func take(from supervisor: SupervisorClient) async throws(AgentCallError) -> FleetSample
    {
        let metrics = try await supervisor.metrics()
        let status = try await supervisor.status()
        return FleetSample(at: .now, status: status, metrics: metrics)
    }

    /// What was counted of one agent's calls, all operations together.
    ///
    /// - Parameter agent: The agent's id.
    /// - Returns: The figures.
    func calls(of agent: String) -> Op_Agents_V1_OperationMetrics {
        var sum = Op_Agents_V1_OperationMetrics()
        for metrics in metrics.agents where metrics.agentID == agent {
            for operation in metrics.operations + metrics.countedBySupervisor { sum.add(operation) }
        }
        return sum
    }
}
