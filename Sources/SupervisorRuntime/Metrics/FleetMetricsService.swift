internal import AgentAPI
internal import GRPCCore

/// `op.agents.v1.Metrics` for the whole fleet.
struct FleetMetricsService: Op_Agents_V1_Metrics.SimpleServiceProtocol {
    private let metrics: FleetMetrics

    /// Prepares to serve.
    ///
    /// - Parameter metrics: Gathers the figures.
    init(_ metrics: FleetMetrics) {
        self.metrics = metrics
    }

    func readMetrics(
        request: Op_Agents_V1_ReadMetricsRequest, context: ServerContext
    ) async throws -> Op_Agents_V1_ReadMetricsResponse {
        await metrics.gather()
    }
}
