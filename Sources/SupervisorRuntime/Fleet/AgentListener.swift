internal import LinuxIO
internal import Supervision

/// The listening socket of an agent's port, which the supervisor keeps while instances come and go.
///
/// Belongs to the event loop's thread.
final class AgentListener {
    /// How soon an instance that could not be reached, or for which descriptors had run out, is tried
    /// again.
    private static let pauseWithoutInstance: Duration = .milliseconds(100)

    private let address: SocketAddress
    private let loop: EventLoop
    private let onConnection: () -> Void
    private let adopted: AdoptedSocket?
    private let keeper: any ListenerKeeping
    private var socket: SocketBox?
    private var watch: Watch?
    private var condition = Listener.closed
    /// Where connections are passed on to, while they are.
    private var relay: PortRelay?
    /// Connections that were accepted, but that the instance they were for did not answer.
    private var waiting: [RelayedConnection] = []

    /// Prepares a listener.
    ///
    /// - Parameters:
    ///   - address: Where it will listen.
    ///   - passed: Where the socket that listens there already is, if one was passed; it is used instead
    ///     of a new one.
    ///   - keeper: Keeps the socket that it binds while this process is replaced.
    ///   - loop: The calling thread's event loop.
    ///   - onConnection: Called when a connection waits while the listener is watched.
    init(
        on address: SocketAddress, passed: AdoptedSockets, keeper: any ListenerKeeping,
        loop: EventLoop, onConnection: @escaping () -> Void
    ) {
        self.address = address
        adopted = passed[address]
        socket = passed.takeKept(address)
        self.keeper = keeper
        self.loop = loop
        self.onConnection = onConnection
    }

    /// Whether its port has to be bound, so that nobody else may have it.
    var needsPort: Bool { adopted == nil && socket == nil }

    /// Whether connections wait to be accepted, by whomever the socket was given to.
    var hasWaitingConnections: Bool {
        adopted?.hasWaitingConnections(for: self) ?? socket?.socket.hasWaitingConnections ?? false
    }

    /// Brings the socket into a condition.
    ///
    /// - Parameter condition: Closed, open, or open and watched.
    /// - Throws: ``PortError`` where it cannot be opened, naming who has the port.
    func set(_ condition: Listener) throws(PortError) {
        self.condition = condition
        switch condition {
        case .closed:
            stopWatching()
            waiting = []
            close()
            adopted?.takeBack(from: self)
        case .open:
            stopWatching()
            _ = try open()
        case .watched:
            let descriptor = try open()
            startWatching(descriptor)
            if !waiting.isEmpty { loop.schedule(after: .zero) { [onConnection] in onConnection() } }
        }
    }

    /// The socket's descriptor for an instance; opens it if it is closed.
    func open() throws(PortError) -> CInt {
        if let adopted { return adopted.lend(to: self) }
        if let socket { return socket.socket.descriptor.rawValue }
        do {
            let opened = SocketBox(try ListeningSocket.bind(to: address))
            socket = opened
            let descriptor = opened.socket.descriptor.rawValue
            if let port = address.port { keeper.keep(descriptor, port: port) }
            return descriptor
        } catch {
            throw PortError(error, address: address)
        }
    }

    /// Passes the connections to the port on, as they come; only while the socket is open.
    ///
    /// - Parameter relay: Where to; `nil` leaves them waiting.
    func passConnections(to relay: PortRelay?) {
        stopWatching()
        guard let relay, let descriptor = try? open() else { return }
        self.relay = relay
        relay.onUnanswered = { [weak self] in self?.waitAgain($0) }
        // One in a turn: level-triggered. Fails only where kernel memory has run out; then they wait.
        watch = try? loop.watch(descriptor, for: .readable) { [weak self] _ in
            self?.passConnections(atMost: 1)
        }
        passConnections(atMost: waiting.count)
    }

    /// Passes on those that wait, the accepted ones first.
    private func passConnections(atMost count: Int) {
        guard let relay else { return }
        do {
            for _ in 0..<count {
                // First: if the instance cannot be reached, who waits goes on waiting.
                let instance = try relay.connect()
                if !waiting.isEmpty {
                    relay.join(waiting.removeFirst(), to: instance)
                } else if let connection = try accept() {
                    relay.join(connection, to: instance)
                }
            }
        } catch {
            pausePassing()
        }
    }

    private func pausePassing() {
        guard relay != nil, let watch else { return }
        watch.update([])
        loop.schedule(after: Self.pauseWithoutInstance) { [weak self] in
            // By then it may be another instance's, or nobody's.
            guard let self, self.watch === watch else { return }
            watch.update(.readable)
            self.passConnections(atMost: self.waiting.count)
        }
    }

    /// Keeps a connection that was not answered: for the next instance, which it may have to start.
    private func waitAgain(_ connection: RelayedConnection) {
        guard condition != .closed else { return }
        waiting.append(connection)
        if condition == .watched { onConnection() }
        pausePassing()
    }

    private func accept() throws(SystemError) -> OwnedDescriptor? {
        if let adopted { return try adopted.accept() }
        guard let socket else { return nil }
        return try socket.socket.accept()
    }

    private func close() {
        guard socket != nil else { return }
        socket = nil
        if let port = address.port { keeper.discard(port: port) }
    }

    private func startWatching(_ descriptor: CInt) {
        guard watch == nil else { return }
        // Level-triggered: it is ended by the change of condition that the connection brings about.
        // Fails only where kernel memory has run out; then a call still starts the agent.
        watch = try? loop.watch(descriptor, for: .readable) { [onConnection] _ in onConnection() }
    }

    private func stopWatching() {
        watch?.cancel()
        watch = nil
        relay = nil
    }
}
