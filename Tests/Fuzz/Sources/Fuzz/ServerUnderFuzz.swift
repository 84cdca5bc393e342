internal import GRPCCore
internal import Glibc
internal import HTTP2Transport
internal import LinuxIO

/// A server that answers every call with what it is sent; each input is a connection.
struct ServerUnderFuzz: Sendable {
    static let shared = FuzzFailure.ending { try ServerUnderFuzz() }

    private let address: SocketAddress

    private init() throws {
        let loop = try EventLoop(name: "server")
        var configuration = HTTP2ServerTransport.Configuration()
        configuration.maximumMessageSize = 1 << 14
        configuration.compression.defaultAlgorithm = .gzip
        let transport = try HTTP2ServerTransport(
            listeners: [.address(.unix(path: FuzzFailure.socketPath()))],
            configuration: configuration, eventLoop: loop)
        address = transport.localAddresses[0]
        var methods = DirectMethods()
        methods.register(
            MethodDescriptor(fullyQualifiedService: "test.Fuzz", method: "Direct")
        ) { request, _ in
            ServerResponse(message: request.message, metadata: request.metadata)
        }
        transport.answer(methods)
        Task {
            try await transport.listen { stream, _ in
                do {
                    try await stream.outbound.write(.metadata([:]))
                    for try await part in stream.inbound {
                        guard case .message(let message) = part else { continue }
                        try await stream.outbound.write(.message(message))
                    }
                    try await stream.outbound.write(.status(Status(code: .ok, message: ""), [:]))
                } catch {
                    // The client has ended the call, or sent no messages.
                }
                await stream.outbound.finish()
            }
        }
    }

    func run(_ input: UnsafeRawBufferPointer) {
        FuzzFailure.ending {
            let socket = BlockingSocket(try Socket.connect(to: address))
            socket.exchange(Self.preface + RawBytes(input).bytes)
        }
    }

    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
}
