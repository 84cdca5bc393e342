internal import GRPCCore
internal import LinuxIO

/// The listening sockets of a server and the connections that it accepted.
///
/// Sendable by confinement: after `init` and `add`, which come before any other use, everything belongs
/// to the loop's thread.
final class Acceptor: @unchecked Sendable {
    typealias StreamHandler =
        @concurrent @Sendable (
            RPCStream<HTTP2ServerTransport.Inbound, HTTP2ServerTransport.Outbound>, ServerContext
        ) async -> Void

    private enum Phase {
        case idle
        case listening(CheckedContinuation<Void, any Error>)
        case draining(CheckedContinuation<Void, any Error>)
        case stopped
    }

    private final class Listener {
        let socket: ListeningSocket
        var watch: Watch?

        init(_ socket: consuming ListeningSocket) {
            self.socket = socket
        }
    }

    let loop: EventLoop
    let configuration: HTTP2ServerTransport.Configuration
    /// Nil where anyone may call.
    let authorizer: PeerAuthorizer?
    private let observer: (any CallObserver)?
    private var listeners: [Listener] = []
    private var connections: [ObjectIdentifier: ServerConnection] = [:]
    private var activeCalls = 0
    private var phase = Phase.idle
    private(set) var handler: StreamHandler?
    /// Methods that the handler does not see.
    var directMethods = DirectMethods()

    /// Connections taken in one turn, so that those that are open get theirs too.
    private static let acceptsPerTurn = 64
    /// How long it waits when there is no room.
    private static let exhaustionPause = Duration.milliseconds(100)
    /// Connections beyond the limit that are being told so; the next ones wait in the backlog.
    private static let maximumRefusals = 64

    init(
        configuration: HTTP2ServerTransport.Configuration, observer: (any CallObserver)?,
        loop: EventLoop
    ) throws(SystemError) {
        self.configuration = configuration
        authorizer = try PeerAuthorizer(
            configuration.admittedPeers, cache: GroupCache(loop: loop))
        self.observer = observer
        self.loop = loop
    }

    func add(_ socket: consuming ListeningSocket) {
        listeners.append(Listener(socket))
    }

    func start(
        _ handler: @escaping StreamHandler,
        ending continuation: CheckedContinuation<Void, any Error>
    ) {
        guard case .idle = phase else {
            continuation.resume()
            return
        }
        self.handler = handler
        phase = .listening(continuation)
        do {
            for listener in listeners {
                listener.watch = try loop.watch(
                    listener.socket.descriptor.rawValue, for: .readable
                ) { [unowned self, unowned listener] _ in accept(from: listener) }
            }
        } catch {
            closeListeners()
            phase = .stopped
            continuation.resume(throwing: error)
        }
    }

    /// Accepts nothing more and ends once the last call has.
    func drain() {
        switch phase {
        case .idle:
            closeListeners()
            phase = .stopped
        case .listening(let continuation):
            phase = .draining(continuation)
            closeListeners()
            for connection in connections.values { connection.drain() }
            if let gracePeriod = configuration.gracePeriod {
                loop.schedule(after: gracePeriod) { [weak self] in self?.stop() }
            }
            endIfDone()
        case .draining, .stopped: break
        }
    }

    /// Closes everything at once.
    func stop() {
        drain()
        for connection in connections.values {
            connection.close(reason: "the server was stopped")
        }
        endIfDone()
    }

    // MARK: Connections that somebody else accepted

    /// Gives a TCP connection back if its peer may call, and serves it if not.
    func screen(
        _ connection: consuming OwnedDescriptor,
        admitted: @escaping (consuming OwnedDescriptor) -> Void
    ) {
        guard let authorizer else { return admitted(connection) }
        // Owned by what is decided, which happens once.
        let held = connection.release()
        let settle: (PeerAuthorizer.Decision) -> Void = { [self] decision in
            let connection = OwnedDescriptor(owning: held)
            guard decision != .admitted else { return admitted(connection) }
            refuse(connection)
        }
        do {
            let peer = try authorizer.identify(held)
            if let decision = authorizer.decide(on: peer, completion: settle) { settle(decision) }
        } catch {
            settle(authorizer.refusal(error))
        }
    }

    /// Answers the calls of a connection as those of its peer are answered here.
    private func refuse(_ connection: consuming OwnedDescriptor) {
        guard case .listening = phase,
            let address = try? SocketAddress(localAddressOf: connection.rawValue)
        else { return }
        serve(connection, at: address)
    }

    // MARK: From connections

    func didClose(_ connection: ServerConnection) {
        connections[ObjectIdentifier(connection)] = nil
        endIfDone()
    }

    func callDidStart(_ method: MethodDescriptor) {
        activeCalls += 1
        observer?.callDidStart(method)
    }

    func callDidEnd(_ method: MethodDescriptor) {
        activeCalls -= 1
        observer?.callDidEnd(method)
        endIfDone()
    }

    private func endIfDone() {
        guard case .draining(let continuation) = phase, connections.isEmpty, activeCalls == 0
        else { return }
        phase = .stopped
        handler = nil
        continuation.resume()
    }

    private func closeListeners() {
        for listener in listeners { listener.watch?.cancel() }
        listeners = []
    }

    private func accept(from listener: Listener) {
        do {
            for _ in 0..<Self.acceptsPerTurn {
                guard connections.count - Self.maximumRefusals < configuration.maximumConnections
                else { return pause(listener) }
                guard let descriptor = try listener.socket.accept() else { return }
                serve(descriptor, at: listener.socket.localAddress)
            }
        } catch {
            // Descriptors have run out: those who wait are served once some are free again.
            pause(listener)
        }
    }

    private func pause(_ listener: Listener) {
        listener.watch?.update([])
        loop.schedule(after: Self.exhaustionPause) { [weak listener] in
            listener?.watch?.update(.readable)
        }
    }

    private func serve(_ descriptor: consuming OwnedDescriptor, at address: SocketAddress) {
        // Fails where the client has given up while it waited in the backlog: others are not to wait for that.
        guard
            let connection = try? ServerConnection(descriptor, address: address, acceptor: self)
        else { return }
        connections[ObjectIdentifier(connection)] = connection
        do {
            try connection.serve()
            // A client in the backlog would take itself for connected, send its calls and wait; one that is
            // told can try elsewhere, or later.
            if connections.count > configuration.maximumConnections {
                connection.end(
                    .enhanceYourCalm,
                    because: "the server has \(configuration.maximumConnections) connections open")
            }
        } catch {
            connection.close(reason: "\(error)")
        }
    }
}
