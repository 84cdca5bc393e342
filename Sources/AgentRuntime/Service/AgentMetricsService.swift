internal import AgentAPI
internal import GRPCCore

/// `op.agents.v1.Metrics` of one agent.
struct AgentMetricsService: Op_Agents_V1_Metrics.SimpleServiceProtocol {
    let agentID: String
    let counters: CallCounters

    func readMetrics(
        request: Op_Agents_V1_ReadMetricsRequest, context: ServerContext
    ) async throws -> Op_Agents_V1_ReadMetricsResponse {
        var metrics = Op_Agents_V1_AgentMetrics()
        metrics.agentID = agentID
        metrics.operations = counters.readings
        var response = Op_Agents_V1_ReadMetricsResponse()
        response.agents = [metrics]
        return response
    }
}
