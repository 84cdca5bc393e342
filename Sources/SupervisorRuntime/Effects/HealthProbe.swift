private import AgentAPI
internal import GRPCCore
internal import HTTP2Transport
package import LinuxIO
internal import Supervision
private import SwiftProtobuf

/// Asks `grpc.health.v1.Health/Check` of one agent, over a connection of its own that is kept.
///
/// Calls have another connection: so calls that fill theirs keep no answer from coming.
final class HealthProbe: HealthChecking {
    private let address: SocketAddress
    private let loop: EventLoop
    private let link: AgentLink

    init(of address: SocketAddress, on loop: EventLoop) {
        self.address = address
        self.loop = loop
        link = AgentLink(to: address, on: loop)
    }

    func check(within timeout: Duration) async -> HealthAnswer {
        await Self.check(over: link, within: timeout)
    }

    func checkNewConnection(within timeout: Duration) async -> HealthAnswer {
        let link = AgentLink(to: address, on: loop)
        defer { link.retire() }
        let answer = await Self.check(over: link, within: timeout)
        guard case .failed(.unanswered(let reason)) = answer else { return answer }
        return .failed(.unanswered("it takes no new connections: \(reason)"))
    }

    private static func check(
        over link: AgentLink, within timeout: Duration
    ) async -> HealthAnswer {
        let stub = Grpc_Health_V1_Health.Client(wrapping: link.client)
        var options = CallOptions.defaults
        options.timeout = timeout
        // A connection that an earlier instance broke is made again while this waits.
        options.waitForReady = true
        do {
            let answer = try await stub.check(Grpc_Health_V1_HealthCheckRequest(), options: options)
            return answer.status == .serving
                ? .serving : .failed(.answered(name(of: answer.status)))
        } catch let error as RPCError where error.code == .deadlineExceeded {
            return .failed(.unanswered("no answer within \(timeout)"))
        } catch let error as RPCError {
            return .failed(.unanswered(error.message))
        } catch {
            return .failed(.unanswered("\(error)"))
        }
    }

    func close() { link.retire() }

    private static func name(
        of status: Grpc_Health_V1_HealthCheckResponse.ServingStatus
    ) -> String {
        switch status {
        case .serving: "SERVING"
        case .notServing: "NOT_SERVING"
        case .serviceUnknown: "SERVICE_UNKNOWN"
        case .unknown, .UNRECOGNIZED: "UNKNOWN"
        }
    }
}

/// Makes probes whose connections run on one event loop.
package struct HealthProbes: HealthCheckerMaking {
    private let loop: EventLoop

    /// Prepares to make probes.
    ///
    /// - Parameter loop: Runs the connections.
    package init(on loop: EventLoop) {
        self.loop = loop
    }

    package func makeChecker(of address: SocketAddress) -> any HealthChecking {
        HealthProbe(of: address, on: loop)
    }
}
