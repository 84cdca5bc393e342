internal import GRPCCore
internal import Glibc
internal import HTTP2Transport
internal import LinuxIO

/// `transport-peer serve`: serves the test service until SIGTERM.
///
/// With `--direct true` the transport answers the unary methods itself, and GRPCCore's server the others.
struct ServeCommand {
    private let addresses: [SocketAddress]
    private let configuration: HTTP2ServerTransport.Configuration
    private var isDirect = false

    init(_ arguments: some Sequence<String>) throws(UsageError) {
        var options = try Options(arguments)
        var addresses: [SocketAddress] = []
        for text in options.take("address") { addresses.append(try SocketAddress(option: text)) }
        self.addresses = addresses.isEmpty ? [.loopback(port: 0)] : addresses
        configuration = try HTTP2ServerTransport.Configuration(taking: &options)
        try options.set(&isDirect, from: "direct")
        try options.end()
    }

    /// Prints `listening on ADDRESS` for each address, with the port that the kernel chose, and serves.
    func run() async throws {
        let loop = try EventLoop(name: "transport-peer")
        let transport = try HTTP2ServerTransport(
            listeners: addresses.map { .address($0) }, configuration: configuration,
            eventLoop: loop)
        let service = TestService()
        if isDirect { transport.answer(service.directMethods) }
        let server = GRPCServer(transport: transport, services: [service])
        try Self.onTermination(loop) { server.beginGracefulShutdown() }
        for address in transport.localAddresses { print("listening on \(address)") }
        fflush(nil)
        try await server.serve()
    }

    private static func onTermination(
        _ loop: EventLoop, _ body: @escaping @Sendable () -> Void
    ) throws {
        let signals = try SignalPipe([SIGTERM, SIGINT])
        loop.execute {
            do {
                _ = try loop.watch(signals.descriptor.rawValue, for: .readable) { _ in
                    if signals.read() != nil { body() }
                }
            } catch {
                preconditionFailure("a pipe can be watched: \(error)")
            }
        }
    }
}
