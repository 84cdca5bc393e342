import GRPCCore
import LinuxIO

@testable import HTTP2Transport

/// How unary calls are answered.
enum ServerDoor: CaseIterable, Sendable {
    case grpcServer
    case directMethods
}

/// How unary calls are made.
enum ClientDoor: CaseIterable, Sendable {
    case grpcClient
    case transport
}

/// A handler that tells a test what it sees.
typealias DoorHandler =
    @Sendable (ServerRequest<[UInt8]>, ServerContext, Sightings) async throws ->
    ServerResponse<[UInt8]>

/// A server whose methods are answered through one of its doors.
struct DoorServer: Sendable {
    static let method = EchoService.unary

    let transport: HTTP2ServerTransport
    let server: GRPCServer<HTTP2ServerTransport>

    var address: SocketAddress { transport.localAddresses[0] }

    /// Binds; calls are answered once it serves.
    init(
        _ door: ServerDoor, at address: SocketAddress = .loopback(port: 0),
        configuration: HTTP2ServerTransport.Configuration = .init(),
        serializer: FailingCoder = FailingCoder(), deserializer: FailingCoder = FailingCoder(),
        sightings: Sightings, loop: EventLoop, handler: @escaping DoorHandler
    ) throws {
        transport = try HTTP2ServerTransport(
            listeners: [.address(address)], configuration: configuration,
            observer: CallCounter(sightings: sightings), eventLoop: loop)
        var router = RPCRouter<HTTP2ServerTransport>()
        switch door {
        case .grpcServer:
            router.registerHandler(
                forMethod: Self.method, deserializer: deserializer, serializer: serializer
            ) { request, context in
                // As generated stubs do it.
                StreamingServerResponse(
                    single: try await handler(ServerRequest(stream: request), context, sightings))
            }
        case .directMethods:
            var methods = DirectMethods()
            methods.register(Self.method, deserializer: deserializer, serializer: serializer) {
                try await handler($0, $1, sightings)
            }
            transport.answer(methods)
        }
        server = GRPCServer(transport: transport, router: router)
    }

    func serve() async throws {
        do {
            try await server.serve()
        } catch let error as RuntimeError where error.code == .serverIsStopped {
            // The test was over before this task had begun.
        }
    }

    private final class CallCounter: CallObserver {
        private let sightings: Sightings

        init(sightings: Sightings) {
            self.sightings = sightings
        }

        func callDidStart(_ method: MethodDescriptor) {
            sightings.record("call of \(method.fullyQualifiedMethod) did start")
        }

        func callDidEnd(_ method: MethodDescriptor) {
            sightings.record("call of \(method.fullyQualifiedMethod) did end")
        }
    }
}

/// A client whose calls leave through one of its doors.
struct DoorClient: Sendable {
    private let door: ClientDoor
    private let transport: HTTP2ClientTransport
    private let client: GRPCClient<HTTP2ClientTransport>

    init(_ door: ClientDoor, over transport: HTTP2ClientTransport) {
        self.door = door
        self.transport = transport
        client = GRPCClient(transport: transport)
    }

    func call(
        _ message: [UInt8] = [1, 2, 3], metadata: Metadata = [:],
        options: CallOptions = .defaults, method: MethodDescriptor = DoorServer.method,
        serializer: FailingCoder = FailingCoder(), deserializer: FailingCoder = FailingCoder()
    ) async -> CallOutcome {
        let request = ClientRequest(message: message, metadata: metadata)
        do {
            switch door {
            case .grpcClient:
                return try await client.unary(
                    request: request, descriptor: method, serializer: serializer,
                    deserializer: deserializer, options: options
                ) { CallOutcome($0) }
            case .transport:
                return CallOutcome(
                    await transport.unary(
                        request: request, descriptor: method, serializer: serializer,
                        deserializer: deserializer, options: options))
            }
        } catch {
            return CallOutcome(error)
        }
    }

    func runConnections() async throws {
        switch door {
        case .grpcClient:
            do {
                try await client.runConnections()
            } catch let error as RuntimeError where error.code == .clientIsStopped {
                // The test was over before this task had begun.
            }
        case .transport: try await transport.connect()
        }
    }

    func beginGracefulShutdown() {
        switch door {
        case .grpcClient: client.beginGracefulShutdown()
        case .transport: transport.beginGracefulShutdown()
        }
    }
}

/// Messages that are bytes already, and may fail all the same.
struct FailingCoder: MessageSerializer, MessageDeserializer {
    var error: (any Error)?

    func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes {
        if let error { throw error }
        return Bytes(message)
    }

    func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> [UInt8] {
        if let error { throw error }
        return bytes.withUnsafeBytes { Array($0) }
    }
}
