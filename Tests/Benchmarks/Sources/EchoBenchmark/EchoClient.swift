internal import GRPCCore

/// Calls the service that is measured.
struct EchoClient<Transport: ClientTransport>: Sendable {
    let client: GRPCClient<Transport>

    func echo(_ bytes: [UInt8]) async throws -> [UInt8] {
        try await call(EchoMethod.echo, bytes)
    }

    func cpuTimeOfServer() async throws -> CPUTime {
        let text = String(decoding: try await call(EchoMethod.cpuTime, []), as: UTF8.self)
        guard let nanoseconds = Int(text) else {
            throw RPCError(code: .internalError, message: "cannot read \(text) as a CPU time")
        }
        return CPUTime(nanoseconds: nanoseconds)
    }

    private func call(_ method: MethodDescriptor, _ bytes: [UInt8]) async throws -> [UInt8] {
        try await client.unary(
            request: ClientRequest(message: bytes), descriptor: method,
            serializer: RawBytes(), deserializer: RawBytes(), options: .defaults
        ) { try $0.message }
    }
}
