internal import GRPCCore

/// Calls the service that is measured, as a generated stub would.
struct EchoClient<Transport: ClientTransport>: Sendable {
    let transport: Transport
    let client: GRPCClient<Transport>

    init(transport: Transport) {
        self.transport = transport
        client = GRPCClient(transport: transport)
    }

    /// Sends messages.
    ///
    /// - Parameter messages: Writes them.
    /// - Returns: How many bytes the server has received in them.
    /// - Throws: What the call throws.
    func collect(
        _ messages: @escaping @concurrent @Sendable (RPCWriter<[UInt8]>) async throws -> Void
    ) async throws -> Int {
        let answer = try await client.clientStreaming(
            request: StreamingClientRequest(producer: messages), descriptor: EchoMethod.collect,
            serializer: RawBytes(), deserializer: RawBytes(), options: .defaults
        ) { try $0.message }
        return Int(String(decoding: answer, as: UTF8.self)) ?? 0
    }

    /// Receives messages until a body has had enough.
    func produce<Result: Sendable>(
        messagesOf size: Int,
        _ body:
            @escaping @concurrent @Sendable (
                RPCAsyncSequence<[UInt8], any Error>
            ) async throws -> Result
    ) async throws -> Result {
        try await client.serverStreaming(
            request: ClientRequest(message: Array(String(size).utf8)),
            descriptor: EchoMethod.produce, serializer: RawBytes(), deserializer: RawBytes(),
            options: .defaults
        ) { try await body($0.messages) }
    }
}
