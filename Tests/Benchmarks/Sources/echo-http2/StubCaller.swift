internal import GRPCCore
internal import HTTP2Transport

/// Calls as a generated stub does.
struct StubCaller: EchoCaller {
    let client: GRPCClient<HTTP2ClientTransport>

    func echo(_ message: [UInt8]) async throws -> [UInt8] {
        try await client.unary(
            request: ClientRequest(message: message), descriptor: EchoMethod.echo,
            serializer: RawBytes(), deserializer: RawBytes(), options: .defaults
        ) { try $0.message }
    }
}
