internal import LinuxIO

/// A listening socket that was bound for this process before it ran.
///
/// It is never closed. Whoever bound it, such as systemd, has a copy: closing this one would neither
/// refuse connections nor let the port be bound again. While no agent listens on it, connections are
/// accepted and closed at once, so that callers fail instead of waiting for nobody.
///
/// Belongs to the event loop's thread.
final class AdoptedSocket {
    private static let pauseWithoutDescriptors: Duration = .seconds(1)

    private let socket: ListeningSocket
    private let loop: EventLoop
    private weak var user: AgentListener?
    private var watch: Watch?
    private var pause: LoopTimer?

    /// Takes over a socket, which nobody uses yet.
    ///
    /// - Parameters:
    ///   - descriptor: The socket.
    ///   - loop: The calling thread's event loop.
    /// - Throws: ``SystemError``, EINVAL where it does not listen.
    init(_ descriptor: consuming OwnedDescriptor, on loop: EventLoop) throws(SystemError) {
        socket = try ListeningSocket(adopting: descriptor)
        self.loop = loop
        turnAway()
    }

    /// Where it listens.
    var address: SocketAddress { socket.localAddress }

    /// Leaves connections to an agent.
    ///
    /// - Parameter listener: The agent's.
    /// - Returns: The socket's descriptor.
    func lend(to listener: AgentListener) -> CInt {
        user = listener
        stopTurningAway()
        return socket.descriptor.rawValue
    }

    /// Whether connections wait for the agent that it was lent to.
    ///
    /// - Parameter listener: The agent's.
    /// - Returns: Whether it has the socket, and somebody waits.
    func hasWaitingConnections(for listener: AgentListener) -> Bool {
        user === listener && socket.hasWaitingConnections
    }

    /// Takes it back from an agent, unless another has it by now.
    ///
    /// - Parameter listener: The agent's.
    func takeBack(from listener: AgentListener) {
        guard user === listener else { return }
        user = nil
        turnAway()
    }

    /// Accepts a connection for the agent that has it.
    ///
    /// - Returns: `nil` where none waits.
    /// - Throws: ``SystemError`` where descriptors have run out.
    func accept() throws(SystemError) -> OwnedDescriptor? { try socket.accept() }

    private func turnAway() {
        stopTurningAway()
        // Fails only where kernel memory has run out; then callers wait until an agent listens.
        watch = try? loop.watch(socket.descriptor.rawValue, for: .readable) { [weak self] _ in
            self?.closeConnections()
        }
    }

    private func stopTurningAway() {
        watch?.cancel()
        watch = nil
        pause?.cancel()
        pause = nil
    }

    private func closeConnections() {
        do {
            while let connection = try socket.accept() { _ = consume connection }
        } catch {
            // Descriptors have run out: what waits would be reported again and again.
            stopTurningAway()
            pause = loop.schedule(after: Self.pauseWithoutDescriptors) { [weak self] in
                self?.turnAway()
            }
        }
    }
}

/// The adopted sockets of a fleet, by where they listen: agents come, go and move, these stay.
///
/// Belongs to the event loop's thread.
final class AdoptedSockets {
    private var sockets: [SocketAddress: AdoptedSocket] = [:]
    private var kept: [SocketAddress: SocketBox] = [:]

    /// Adds a socket.
    ///
    /// - Parameters:
    ///   - descriptor: The socket; it is closed where it cannot be used.
    ///   - loop: The calling thread's event loop.
    /// - Throws: ``SystemError``, EINVAL where it does not listen.
    func add(_ descriptor: consuming OwnedDescriptor, on loop: EventLoop) throws(SystemError) {
        let socket = try AdoptedSocket(descriptor, on: loop)
        sockets[socket.address] = socket
    }

    /// Adds a socket that was kept for an earlier process: its agent may close it.
    ///
    /// - Parameter descriptor: The socket; it is closed where it cannot be used.
    /// - Throws: ``SystemError``, EINVAL where it does not listen.
    func addKept(_ descriptor: consuming OwnedDescriptor) throws(SystemError) {
        let box = SocketBox(try ListeningSocket(adopting: descriptor))
        kept[box.socket.localAddress] = box
    }

    /// Takes the kept socket of an address out, if there is one.
    func takeKept(_ address: SocketAddress) -> SocketBox? { kept.removeValue(forKey: address) }

    /// The socket that listens at an address, if one does.
    subscript(address: SocketAddress) -> AdoptedSocket? { sockets[address] }
}
