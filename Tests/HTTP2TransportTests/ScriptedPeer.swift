import GRPCCore
import Glibc
import LinuxIO

@testable import HTTP2Transport

/// A client or server that sends the header fields and bytes that a test gives it, right or wrong, behind
/// HTTP/2 as it should be.
///
/// Belongs to the loop's thread.
final class ScriptedPeer: Connection {
    /// A server's answers to requests; nil for none at all.
    private let respond: ((ScriptedStream.Answer) -> ScriptedStream.Script?)?

    init(
        _ descriptor: consuming OwnedDescriptor, loop: EventLoop,
        respond: ((ScriptedStream.Answer) -> ScriptedStream.Script?)? = nil
    ) {
        self.respond = respond
        super.init(
            descriptor, role: respond == nil ? .client : .server,
            settings: Nghttp2Session.Settings(
                maximumConcurrentStreams: 100, streamWindow: 1 << 20,
                maximumHeaderListSize: 1 << 16),
            loop: loop)
    }

    override func sessionWillOpenStream(_ id: Int32) -> SessionStream {
        ScriptedStream(
            ScriptedStream.Script(headers: OutgoingHeaders()),
            ended: { [unowned self] stream, request in
                guard let script = respond?(request) else { return }
                stream.script = script
                if stream.script.isHeadersAlone {
                    try? session.submitResponseWithoutBody(stream.script.headers, stream: stream)
                } else {
                    try? session.submitResponse(stream.script.headers, stream: stream)
                }
                flushLater()
            })
    }

    /// Sends one request, and waits until its stream is closed.
    ///
    /// - Parameters:
    ///   - script: The request.
    ///   - address: Where a server listens.
    ///   - loop: Runs the connection.
    ///   - owner: Is given the socket, which takes root; nil: it stays this process's.
    /// - Returns: The answer.
    /// - Throws: `SystemError` where it cannot connect, or what the session throws.
    static func exchange(
        _ script: ScriptedStream.Script, with address: SocketAddress, on loop: EventLoop,
        as owner: uid_t? = nil
    ) async throws -> ScriptedStream.Answer {
        try await withCheckedThrowingContinuation { continuation in
            loop.execute {
                do {
                    // Loopback connects at once.
                    let peer = ScriptedPeer(try Socket.connect(to: address), loop: loop)
                    if let owner, let socket = peer.socket, fchown(socket, owner, gid_t.max) != 0 {
                        throw SystemError("give a socket to user \(owner)")
                    }
                    try peer.start()
                    // The stream keeps the connection, and is kept by it, until it is closed.
                    let stream = ScriptedStream(
                        script,
                        closed: { answer in
                            continuation.resume(returning: answer)
                            // Not from inside the session, which reports this.
                            loop.schedule(after: .zero) { peer.close(reason: "the test is over") }
                        })
                    try peer.session.submitRequest(script.headers, stream: stream)
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }
}

/// Listens, and answers each request as a test says.
///
/// Belongs to the loop's thread.
final class ScriptedServer {
    private let socket: ListeningSocket
    private var watch: Watch?
    private var peers: [ScriptedPeer] = []

    private init() throws {
        socket = try ListeningSocket.bind(to: .loopback(port: 0))
    }

    /// Runs a server, and a client that talks to it, for the time of a body.
    static func run<Result: Sendable>(
        client configuration: HTTP2ClientTransport.Configuration = .init(),
        respond: @escaping @Sendable (ScriptedStream.Answer) -> ScriptedStream.Script?,
        _ body:
            @concurrent @Sendable (
                GRPCClient<HTTP2ClientTransport>, HTTP2ClientTransport
            ) async throws -> Result
    ) async throws -> Result {
        let loop = try EventLoop(name: "test")
        defer { loop.stop() }
        let address = try await withCheckedThrowingContinuation { continuation in
            loop.execute {
                continuation.resume(
                    with: Swift.Result {
                        let server = try ScriptedServer()
                        // The watch keeps the server, and the loop the watch.
                        server.watch = try loop.watch(
                            server.socket.descriptor.rawValue, for: .readable
                        ) { _ in
                            guard let descriptor = try? server.socket.accept() else { return }
                            let peer = ScriptedPeer(descriptor, loop: loop, respond: respond)
                            server.peers.append(peer)
                            try? peer.start()
                        }
                        return server.socket.localAddress
                    })
            }
        }
        let transport = HTTP2ClientTransport(
            target: address, configuration: configuration, eventLoop: loop)
        let client = GRPCClient(transport: transport)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try? await client.runConnections() }
            defer { group.cancelAll() }
            return try await body(client, transport)
        }
    }
}
