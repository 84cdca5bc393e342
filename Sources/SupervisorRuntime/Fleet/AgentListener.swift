internal import LinuxIO
internal import Supervision

/// The listening socket of an agent's port, which the supervisor keeps while instances come and go.
///
/// Belongs to the event loop's thread.
final class AgentListener {
    private let address: SocketAddress
    private let loop: EventLoop
    private let onConnection: () -> Void
    private let adopted: AdoptedSocket?
    private var socket: SocketBox?
    private var watch: Watch?

    /// A class of its own, since an optional cannot give out the descriptor of a noncopyable value.
    private final class SocketBox {
        let socket: ListeningSocket

        init(_ socket: consuming ListeningSocket) { self.socket = socket }
    }

    /// Prepares a listener, which is closed.
    ///
    /// - Parameters:
    ///   - address: Where it will listen.
    ///   - adopted: The socket that listens there already, if one was passed; it is used instead of a
    ///     new one, and never closed.
    ///   - loop: The calling thread's event loop.
    ///   - onConnection: Called when a connection waits while the listener is watched.
    init(
        on address: SocketAddress, adopted: AdoptedSocket?, loop: EventLoop,
        onConnection: @escaping () -> Void
    ) {
        self.address = address
        self.adopted = adopted
        self.loop = loop
        self.onConnection = onConnection
    }

    /// Whether its port has to be bound, so that nobody else may have it.
    var needsPort: Bool { adopted == nil && socket == nil }

    /// Brings the socket into a condition.
    ///
    /// - Parameter condition: Closed, open, or open and watched.
    /// - Throws: ``PortError`` where it cannot be opened, naming who has the port.
    func set(_ condition: Listener) throws(PortError) {
        switch condition {
        case .closed:
            stopWatching()
            socket = nil
            adopted?.takeBack(from: self)
        case .open:
            stopWatching()
            _ = try open()
        case .watched:
            let descriptor = try open()
            startWatching(descriptor)
        }
    }

    /// The socket's descriptor for an instance; opens it if it is closed.
    func open() throws(PortError) -> CInt {
        if let adopted { return adopted.lend(to: self) }
        if let socket { return socket.socket.descriptor.rawValue }
        do {
            let opened = SocketBox(try ListeningSocket.bind(to: address))
            socket = opened
            return opened.socket.descriptor.rawValue
        } catch {
            throw PortError(error, address: address)
        }
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
    }
}
