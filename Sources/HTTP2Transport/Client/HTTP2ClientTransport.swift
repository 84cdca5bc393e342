public import GRPCCore
public import LinuxIO
private import Synchronization

/// A gRPC client transport over one HTTP/2 connection without TLS, on an event loop (RFC 9113, gRPC
/// over HTTP/2).
///
/// The connection is made by the first call, and again by the first call after it was lost. While it
/// cannot be made, calls fail with UNAVAILABLE, unless they wait for it (`CallOptions.waitForReady`).
///
/// A call that the server did not process, as a GOAWAY or REFUSED_STREAM says, is sent again by itself.
public final class HTTP2ClientTransport: ClientTransport {
    /// Messages are arrays of bytes.
    public typealias Bytes = [UInt8]

    /// Throttles retries and hedging, as the service configuration says; nil where it does not.
    public let retryThrottle: RetryThrottle?

    private let methodConfigs: MethodConfigTable
    private let connector: Connector
    private let peer: String
    private let authority: String
    /// Refuse new calls; set before the loop knows, so that no call slips in behind a shutdown.
    private let isShutDown = Atomic(false)

    /// Creates a transport; nothing is connected yet.
    ///
    /// - Parameters:
    ///   - target: Where the server listens.
    ///   - configuration: Limits and times.
    ///   - eventLoop: Runs the connection. Callers whose tasks prefer it as their executor need no hop.
    public init(
        target: SocketAddress, configuration: Configuration = Configuration(), eventLoop: EventLoop
    ) {
        methodConfigs = MethodConfigTable(configuration.serviceConfig)
        retryThrottle = configuration.serviceConfig.retryThrottling.map(RetryThrottle.init(policy:))
        connector = Connector(target: target, configuration: configuration, loop: eventLoop)
        peer = target.peerDescription
        authority =
            configuration.authority
            ?? {
                if case .unix = target { "localhost" } else { target.description }
            }()
    }

    /// Runs until the transport is shut down and its last call has ended.
    ///
    /// Cancelling the task ends all calls at once.
    public func connect() async throws {
        let connector = connector
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                connector.loop.execute { connector.whenStopped { continuation.resume() } }
            }
        } onCancel: {
            isShutDown.store(true, ordering: .releasing)
            connector.loop.execute { connector.stop() }
        }
    }

    /// Refuses new calls; those that run may finish.
    public func beginGracefulShutdown() {
        isShutDown.store(true, ordering: .releasing)
        let connector = connector
        connector.loop.execute { connector.drain() }
    }

    /// Opens a stream for a call, and ends it when the closure returns.
    ///
    /// - Throws: `RPCError` with `failedPrecondition` once the transport is shut down; what keeps a call from the
    ///   server otherwise is thrown by the stream. An UNAVAILABLE whose `cause` is a `SystemError` says that
    ///   there was no connection, so that nothing of the call has left; no other error of the transport has
    ///   such a cause.
    public func withStream<T: Sendable>(
        descriptor: MethodDescriptor, options: CallOptions,
        _ closure:
            @concurrent (
                _ stream: RPCStream<Inbound, Outbound>, _ context: ClientContext
            ) async throws -> T
    ) async throws -> T {
        let stream = try makeStream(descriptor: descriptor, options: options)
        stream.open()
        defer { stream.abandon() }
        return try await closure(
            RPCStream(
                descriptor: descriptor,
                inbound: RPCAsyncSequence(wrapping: ResponseParts(stream: stream)),
                outbound: RPCWriter.Closable(wrapping: RequestWriter(stream: stream))),
            ClientContext(descriptor: descriptor, remotePeer: peer, localPeer: ""))
    }

    /// Prepares a call.
    ///
    /// - Throws: `RPCError` with `failedPrecondition` once the transport is shut down.
    func makeStream(
        descriptor: MethodDescriptor, options: CallOptions
    ) throws(RPCError) -> ClientStream {
        guard !isShutDown.load(ordering: .acquiring) else {
            throw RPCError(
                code: .failedPrecondition,
                message: "cannot call \(descriptor): the client was shut down")
        }
        return ClientStream(
            descriptor: descriptor, options: options, authority: authority, connector: connector)
    }

    /// What the service configuration says of a method.
    public func config(forMethod descriptor: MethodDescriptor) -> MethodConfig? {
        methodConfigs[descriptor]
    }
}
