public import GRPCCore
public import LinuxIO
private import Synchronization

/// A gRPC server transport over HTTP/2 without TLS, on one event loop (RFC 9113, gRPC over HTTP/2).
///
/// Handlers run on the loop: a unary call is read, handled and answered on one thread without a hop.
/// A handler that blocks or computes for long moves off with
/// `withTaskExecutorPreference(globalConcurrentExecutor)`.
///
/// A call that its client cancels, that outlives its deadline, or whose connection is lost is cancelled
/// in both senses: its task, and the `RPCCancellationHandle` of its context. A call that outlives its
/// deadline is answered with DEADLINE_EXCEEDED by the transport.
public final class HTTP2ServerTransport: ServerTransport {
    /// Messages are arrays of bytes.
    public typealias Bytes = [UInt8]

    /// Where it listens, in the order of the listeners, with the ports that the kernel chose.
    public let localAddresses: [SocketAddress]

    let acceptor: Acceptor

    /// Binds and adopts sockets; connections wait in their backlogs until ``listen(streamHandler:)``.
    ///
    /// - Parameters:
    ///   - listeners: Where to listen.
    ///   - configuration: Limits and times.
    ///   - eventLoop: Runs the connections and the handlers.
    /// - Throws: `SystemError` where an address cannot be bound or a descriptor does not listen.
    public convenience init(
        listeners: [Listener], configuration: Configuration = Configuration(), eventLoop: EventLoop
    ) throws {
        try self.init(
            listeners: listeners, configuration: configuration, observer: nil, eventLoop: eventLoop)
    }

    /// Binds and adopts sockets, as ``init(listeners:configuration:eventLoop:)``, for a server whose
    /// calls are watched.
    ///
    /// - Parameters:
    ///   - listeners: Where to listen.
    ///   - configuration: Limits and times.
    ///   - observer: Sees the calls; it belongs to the loop's thread from then on.
    ///   - eventLoop: Runs the connections and the handlers.
    /// - Throws: `SystemError` where an address cannot be bound or a descriptor does not listen.
    package init(
        listeners: [Listener], configuration: Configuration, observer: (any CallObserver)?,
        eventLoop: EventLoop
    ) throws {
        acceptor = try Acceptor(configuration: configuration, observer: observer, loop: eventLoop)
        var addresses: [SocketAddress] = []
        for listener in listeners {
            let socket =
                switch listener {
                case .address(let address):
                    try ListeningSocket.bind(
                        to: address, backlog: configuration.backlog,
                        mode: configuration.admittedPeers.socketMode)
                case .descriptor(let descriptor):
                    try ListeningSocket(adopting: OwnedDescriptor(owning: descriptor))
                }
            addresses.append(socket.localAddress)
            acceptor.add(socket)
        }
        localAddresses = addresses
    }

    /// Accepts connections and hands their calls to a handler, until it is shut down and the last call has ended.
    ///
    /// Cancelling the task closes all connections at once.
    public func listen(
        streamHandler:
            @escaping @concurrent @Sendable (
                _ stream: RPCStream<Inbound, Outbound>, _ context: ServerContext
            ) async -> Void
    ) async throws {
        let acceptor = acceptor
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                acceptor.loop.execute { acceptor.start(streamHandler, ending: continuation) }
            }
        } onCancel: {
            acceptor.loop.execute { acceptor.stop() }
        }
    }

    /// Answers unary methods without GRPCCore's server, in place of those that were given before.
    ///
    /// - Parameter methods: For the calls that begin from now on.
    public func answer(_ methods: DirectMethods) {
        let acceptor = acceptor
        acceptor.loop.execute { acceptor.directMethods = methods }
    }

    /// Stops accepting: connections are told to go away (GOAWAY), calls may finish.
    public func beginGracefulShutdown() {
        let acceptor = acceptor
        acceptor.loop.execute { acceptor.drain() }
    }
}
