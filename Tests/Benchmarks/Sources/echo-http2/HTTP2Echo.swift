internal import GRPCCore
internal import HTTP2Transport
internal import LinuxIO

/// The product's transport, with its defaults.
@main
struct HTTP2Echo: EchoTransport {
    private let loop: EventLoop

    var executor: (any TaskExecutor)? { loop }

    init() throws {
        loop = try EventLoop(name: "echo")
    }

    func makeServer() throws -> HTTP2ServerTransport {
        let server = try HTTP2ServerTransport(
            listeners: [.address(.loopback(port: 0))], configuration: .init(), eventLoop: loop)
        var methods = DirectMethods()
        methods.register(DirectCaller.method) { request, _ in
            ServerResponse(message: request.message)
        }
        server.answer(methods)
        return server
    }

    func port(of server: HTTP2ServerTransport) throws -> Int {
        guard let port = server.localAddresses.first?.port else {
            throw RPCError(code: .internalError, message: "cannot tell the server's port")
        }
        return Int(port)
    }

    func makeClient(port: Int) throws -> HTTP2ClientTransport {
        guard let port = UInt16(exactly: port) else {
            throw RPCError(code: .invalidArgument, message: "cannot use \(port) as a port")
        }
        return HTTP2ClientTransport(
            target: .loopback(port: port), configuration: .init(), eventLoop: loop)
    }

    func stubCaller(on client: GRPCClient<HTTP2ClientTransport>) -> any EchoCaller {
        StubCaller(client: client)
    }

    func directCaller(on client: HTTP2ClientTransport) -> (any EchoCaller)? {
        DirectCaller(transport: client)
    }

    static func main() { EchoProgram<Self>.main() }
}
