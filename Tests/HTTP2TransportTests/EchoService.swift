import GRPCCore
import HTTP2Transport
import LinuxIO

/// Messages that are bytes already.
struct BytesCoder: MessageSerializer, MessageDeserializer {
    func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes {
        Bytes(message)
    }

    func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> [UInt8] {
        bytes.withUnsafeBytes { Array($0) }
    }
}

/// A service with one method of each kind, whose handlers a test supplies.
struct EchoService: RegistrableRPCService {
    typealias Handler =
        @concurrent @Sendable (StreamingServerRequest<[UInt8]>, ServerContext) async throws ->
        StreamingServerResponse<[UInt8]>

    static let unary = MethodDescriptor(
        fullyQualifiedService: "test.Echo", method: "Unary", type: .unary)
    static let streaming = MethodDescriptor(
        fullyQualifiedService: "test.Echo", method: "Stream", type: .bidirectionalStreaming)
    static let serverStreaming = MethodDescriptor(
        fullyQualifiedService: "test.Echo", method: "ServerStream", type: .serverStreaming)
    static let clientStreaming = MethodDescriptor(
        fullyQualifiedService: "test.Echo", method: "ClientStream", type: .clientStreaming)
    static let missing = MethodDescriptor(
        fullyQualifiedService: "test.Echo", method: "Missing", type: .unary)

    var handler: Handler = EchoService.echo

    /// Answers each message with itself, and the request's metadata with itself.
    static let echo: Handler = { request, _ in
        var metadata = request.metadata
        metadata.removeAllValues(forKey: "user-agent")
        return StreamingServerResponse(metadata: metadata) { writer in
            for try await message in request.messages { try await writer.write(message) }
            return ["trailing-key": "trailing value"]
        }
    }

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        for method in [Self.unary, Self.streaming, Self.serverStreaming, Self.clientStreaming] {
            router.registerHandler(
                forMethod: method, deserializer: BytesCoder(), serializer: BytesCoder(),
                handler: handler)
        }
    }
}

/// Runs a server with a service for the time of a body.
func withEchoServer<Result: Sendable>(
    _ service: EchoService = EchoService(),
    configuration: HTTP2ServerTransport.Configuration = .init(),
    _ body: @concurrent @Sendable (SocketAddress, EventLoop) async throws -> Result
) async throws -> Result {
    let loop = try EventLoop(name: "test")
    defer { loop.stop() }
    let transport = try HTTP2ServerTransport(
        listeners: [.address(.loopback(port: 0))], configuration: configuration, eventLoop: loop)
    var router = RPCRouter<HTTP2ServerTransport>()
    service.registerMethods(with: &router)
    let server = GRPCServer(transport: transport, router: router)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.serve() }
        let result = try await body(transport.localAddresses[0], loop)
        group.cancelAll()
        return result
    }
}

/// Runs a server with a service and a client that talks to it, for the time of a body.
func withEcho<Result: Sendable>(
    _ service: EchoService = EchoService(),
    address: SocketAddress = .loopback(port: 0),
    server serverConfiguration: HTTP2ServerTransport.Configuration = .init(),
    client clientConfiguration: HTTP2ClientTransport.Configuration = .init(),
    _ body:
        @concurrent @Sendable (
            GRPCClient<HTTP2ClientTransport>, GRPCServer<HTTP2ServerTransport>, EventLoop
        ) async throws -> Result
) async throws -> Result {
    let loop = try EventLoop(name: "test")
    defer { loop.stop() }
    let serverTransport = try HTTP2ServerTransport(
        listeners: [.address(address)], configuration: serverConfiguration, eventLoop: loop)
    let target = serverTransport.localAddresses[0]
    let clientTransport = HTTP2ClientTransport(
        target: target, configuration: clientConfiguration, eventLoop: loop)
    var router = RPCRouter<HTTP2ServerTransport>()
    service.registerMethods(with: &router)
    let server = GRPCServer(transport: serverTransport, router: router)
    let client = GRPCClient(transport: clientTransport)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            do {
                try await server.serve()
            } catch let error as RuntimeError where error.code == .serverIsStopped {
                // The body was over before this task had begun.
            }
        }
        group.addTask {
            do {
                try await client.runConnections()
            } catch let error as RuntimeError where error.code == .clientIsStopped {
                // Likewise.
            }
        }
        do {
            let result = try await body(client, server, loop)
            client.beginGracefulShutdown()
            server.beginGracefulShutdown()
            try await group.waitForAll()
            return result
        } catch {
            group.cancelAll()
            throw error
        }
    }
}

extension GRPCClient {
    /// One message there, one back.
    func echo(
        _ message: [UInt8], metadata: Metadata = [:], options: CallOptions = .defaults,
        method: MethodDescriptor = EchoService.unary
    ) async throws -> ClientResponse<[UInt8]> {
        try await unary(
            request: ClientRequest(message: message, metadata: metadata), descriptor: method,
            serializer: BytesCoder(), deserializer: BytesCoder(), options: options
        ) { $0 }
    }
}
