package import GRPCCore
private import SwiftProtobuf

/// `grpc.health.v1.Health`, from ``HealthStatuses``.
package struct HealthService: Grpc_Health_V1_Health.SimpleServiceProtocol {
    private let statuses: HealthStatuses

    /// Creates the service.
    ///
    /// - Parameter statuses: What it answers.
    package init(_ statuses: HealthStatuses) {
        self.statuses = statuses
    }

    package func check(
        request: Grpc_Health_V1_HealthCheckRequest, context: ServerContext
    ) async throws -> Grpc_Health_V1_HealthCheckResponse {
        guard let status = statuses.status(of: request.service) else {
            throw RPCError(
                code: .notFound,
                message: "cannot check the service \"\(request.service)\": this server does not "
                    + "have it; ask grpc.reflection.v1 for those it has")
        }
        return .with { $0.status = status }
    }

    package func watch(
        request: Grpc_Health_V1_HealthCheckRequest,
        response: RPCWriter<Grpc_Health_V1_HealthCheckResponse>, context: ServerContext
    ) async throws {
        let updates = statuses.updates(of: request.service)
        try await RunningCall().run {
            var last: HealthStatuses.Status?
            for await status in updates where status != last {
                try await response.write(.with { $0.status = status })
                last = status
            }
        }
        throw RPCError(
            code: .unavailable, message: "cannot watch any longer: this server stops; watch again")
    }
}
