private import Glibc
internal import HTTP2Transport
internal import LinuxIO
private import Systemd

/// Where an agent listens: on the sockets it was passed, and on what its flags say; by default on its own port.
struct ListenerSelection {
    let listeners: [HTTP2ServerTransport.Listener]

    /// Takes the passed sockets, which works once in a process.
    ///
    /// - Throws: `PassedSocketError`, `SocketAddressError`.
    init(options: AgentOptions, defaultPort: UInt16) throws {
        var listeners: [HTTP2ServerTransport.Listener] = []
        var passed = try PassedSockets()
        while let socket = passed.takeFirst() {
            listeners.append(.descriptor(socket.release()))
        }
        if let port = options.port { listeners.append(.address(.loopback(port: port))) }
        if let path = options.unixPath {
            let absolute =
                path.hasPrefix("/") ? path : "\(ProcessEnvironment.currentDirectory())/\(path)"
            listeners.append(.address(try SocketAddress(parsing: "unix:\(absolute)")))
        }
        if listeners.isEmpty { listeners = [.address(.loopback(port: defaultPort))] }
        self.listeners = listeners
    }

    /// Binds what is not bound yet.
    ///
    /// - Throws: ``AgentStartError`` with the remedy.
    func bind(
        configuration: HTTP2ServerTransport.Configuration, observer: (any CallObserver)?,
        eventLoop: EventLoop
    ) throws -> HTTP2ServerTransport {
        do {
            return try HTTP2ServerTransport(
                listeners: listeners, configuration: configuration, observer: observer,
                eventLoop: eventLoop)
        } catch let error as SystemError where error.code == EADDRINUSE {
            throw AgentStartError(
                description: "\(error); stop who listens there (ss -ltnp names it), or give --port")
        }
    }
}
