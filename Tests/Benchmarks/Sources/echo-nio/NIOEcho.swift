internal import GRPCCore
internal import GRPCNIOTransportHTTP2Posix

/// grpc-swift's own transport, with its defaults.
@main
struct NIOEcho: EchoTransport {
    var executor: (any TaskExecutor)? { nil }

    func makeServer() -> HTTP2ServerTransport.Posix {
        HTTP2ServerTransport.Posix(
            address: .ipv4(host: "127.0.0.1", port: 0), transportSecurity: .plaintext)
    }

    func port(of server: HTTP2ServerTransport.Posix) async throws -> Int {
        let address = try await server.listeningAddress
        guard let port = address.ipv4?.port else {
            throw RPCError(code: .internalError, message: "cannot tell the port of \(address)")
        }
        return port
    }

    func makeClient(port: Int) throws -> HTTP2ClientTransport.Posix {
        try HTTP2ClientTransport.Posix(
            target: .ipv4(address: "127.0.0.1", port: port), transportSecurity: .plaintext)
    }

    func stubCaller(on client: GRPCClient<HTTP2ClientTransport.Posix>) -> any EchoCaller {
        StubCaller(client: client)
    }

    func directCaller(on client: HTTP2ClientTransport.Posix) -> (any EchoCaller)? { nil }

    static func main() { EchoProgram<Self>.main() }
}
