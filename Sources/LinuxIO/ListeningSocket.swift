private import CLinuxIO
private import Glibc

/// A stream socket that accepts connections.
package struct ListeningSocket: ~Copyable, Sendable {
    package let descriptor: OwnedDescriptor
    /// Where it listens, with the port that the kernel chose where it was asked to.
    package let localAddress: SocketAddress

    /// Connections that wait while nobody accepts, unless the caller says otherwise.
    ///
    /// The kernel's own limit (net.core.somaxconn) is lower on old systems.
    package static let defaultBacklog: CInt = 1024

    /// Binds and listens.
    ///
    /// A unix socket that a dead process left behind is replaced; one that answers, and any other file,
    /// is not.
    ///
    /// - Parameters:
    ///   - address: Port 0 lets the kernel choose.
    ///   - backlog: Connections that may wait to be accepted.
    ///   - mode: The permissions of the file of a unix socket, of which writing is what connecting takes; nil: as
    ///     the umask says.
    /// - Returns: The socket.
    /// - Throws: ``SystemError``, EADDRINUSE where somebody listens there.
    package static func bind(
        to address: SocketAddress, backlog: CInt = defaultBacklog, mode: UInt32? = nil
    ) throws(SystemError) -> ListeningSocket {
        let descriptor = try Socket.open(for: address)
        if address.family != AF_UNIX {
            // Lets a new process bind while connections of an old one linger in TIME_WAIT.
            try Socket.enable(SO_REUSEADDR, level: SOL_SOCKET, on: descriptor.rawValue)
        }
        if address.family == AF_INET6 {
            try Socket.enable(IPV6_V6ONLY, level: CInt(IPPROTO_IPV6), on: descriptor.rawValue)
        }
        var code = bind(descriptor.rawValue, to: address)
        if code == EADDRINUSE, case .unix(let path) = address, Socket.isAbandoned(path) {
            unlink(path)
            code = bind(descriptor.rawValue, to: address)
        }
        guard code == 0 else { throw SystemError("bind \(address)", code: code) }
        // Before it listens, so that nobody connects whom the mode is to keep out.
        if let mode, case .unix(let path) = address, chmod(path, mode) != 0 {
            throw SystemError("set the mode of \(address)")
        }
        guard listen(descriptor.rawValue, backlog) == 0 else {
            throw SystemError("listen on \(address)")
        }
        return try ListeningSocket(adopting: descriptor)
    }

    private static func bind(_ descriptor: CInt, to address: SocketAddress) -> CInt {
        address.withSockaddr { Glibc.bind(descriptor, $0, $1) } == 0 ? 0 : errno
    }

    /// Takes a socket that already listens, as systemd and the supervisor pass it.
    ///
    /// - Parameter descriptor: A listening stream socket; it is made non-blocking and close-on-exec.
    /// - Throws: ``SystemError``, EINVAL where it does not listen.
    package init(adopting descriptor: consuming OwnedDescriptor) throws(SystemError) {
        let fd = descriptor.rawValue
        guard try Socket.option(SO_ACCEPTCONN, level: SOL_SOCKET, of: fd) != 0 else {
            throw SystemError("use descriptor \(fd) as a listening socket", code: EINVAL)
        }
        try Socket.makeNonBlockingAndCloseOnExec(fd)
        localAddress = try SocketAddress(localAddressOf: fd)
        self.descriptor = descriptor
    }

    /// Whether a connection waits to be accepted; takes none.
    package var hasWaitingConnections: Bool {
        var poll = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
        return Glibc.poll(&poll, 1, 0) > 0
    }

    /// Accepts one waiting connection, non-blocking and close-on-exec.
    ///
    /// - Returns: Nil where none waits, or the one that waited is gone.
    /// - Throws: ``SystemError``, EMFILE or ENFILE where descriptors have run out.
    package func accept() throws(SystemError) -> OwnedDescriptor? {
        while true {
            let connection = clinuxio_accept(descriptor.rawValue)
            if connection >= 0 { return OwnedDescriptor(owning: connection) }
            switch errno {
            case EINTR: continue
            case EAGAIN, ECONNABORTED, EPROTO, EPERM: return nil
            default: throw SystemError("accept a connection on \(localAddress)")
            }
        }
    }
}
