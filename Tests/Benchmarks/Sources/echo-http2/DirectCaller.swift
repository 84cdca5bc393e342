internal import GRPCCore
internal import HTTP2Transport

/// Calls past GRPCCore, bytes to bytes.
struct DirectCaller: EchoCaller {
    static let method = MethodDescriptor(
        fullyQualifiedService: "bench.Echo", method: "EchoDirect", type: .unary)

    let transport: HTTP2ClientTransport

    func echo(_ message: [UInt8]) async throws -> [UInt8] {
        try await transport.unary(
            request: ClientRequest(message: message), descriptor: Self.method
        ).message
    }
}
