internal import GRPCCore
internal import HTTP2Transport
internal import LinuxIO

/// Where a client calls, and how.
struct Connection {
    private let target: SocketAddress
    private let configuration: HTTP2ClientTransport.Configuration
    private let callOptions: CallOptions

    init(to address: String, taking options: inout Options) throws(UsageError) {
        target = try SocketAddress(option: address)
        configuration = try HTTP2ClientTransport.Configuration(taking: &options)
        callOptions = try CallOptions(taking: &options)
    }

    /// Runs a client for the time of a body.
    func withClient(
        _ body: @escaping @concurrent @Sendable (InteropClient) async throws -> Void
    ) async throws {
        let loop = try EventLoop(name: "transport-peer")
        defer { loop.stop() }
        let transport = HTTP2ClientTransport(
            target: target, configuration: configuration, eventLoop: loop)
        try await withGRPCClient(transport: transport) { [callOptions] client in
            try await body(InteropClient(client, options: callOptions))
        }
    }
}
