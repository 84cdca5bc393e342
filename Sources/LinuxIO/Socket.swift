private import CLinuxIO
private import Glibc

/// Calls on stream sockets (socket(7), tcp(7), unix(7)).
package enum Socket {
    /// Opens a stream socket for an address, non-blocking and close-on-exec.
    ///
    /// - Throws: ``SystemError``, ENAMETOOLONG for the path of a unix socket that the kernel would cut.
    package static func open(for address: SocketAddress) throws(SystemError) -> OwnedDescriptor {
        guard address.fitsSockaddr else {
            throw SystemError("use \(address)", code: ENAMETOOLONG)
        }
        let type = CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        return try OwnedDescriptor(owning: socket(address.family, type, 0), from: "open a socket")
    }

    /// Begins to connect.
    ///
    /// - Returns: The socket. It becomes writable when it is connected or has failed;
    ///   ``pendingError(of:)`` says which.
    /// - Throws: ``SystemError`` where it fails at once, EAGAIN where a unix socket's backlog is full.
    package static func connect(to address: SocketAddress) throws(SystemError) -> OwnedDescriptor {
        let descriptor = try open(for: address)
        let fd = descriptor.rawValue
        if address.family != AF_UNIX { try disableDelay(on: fd) }
        let result = address.withSockaddr { Glibc.connect(fd, $0, $1) }
        guard result == 0 || errno == EINPROGRESS else {
            throw SystemError("connect to \(address)")
        }
        return descriptor
    }

    /// The error that a socket holds (SO_ERROR), which reading clears; 0 for none.
    package static func pendingError(of fd: CInt) throws(SystemError) -> CInt {
        try option(SO_ERROR, level: SOL_SOCKET, of: fd)
    }

    /// Sends small segments at once (TCP_NODELAY).
    package static func disableDelay(on fd: CInt) throws(SystemError) {
        try enable(TCP_NODELAY, level: CInt(IPPROTO_TCP), on: fd)
    }

    /// Reads what has arrived.
    ///
    /// - Returns: How many bytes were read, 0 at the end; nil where nothing has arrived.
    package static func receive(
        from fd: CInt, into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> Int? {
        while true {
            let count = recv(fd, buffer.baseAddress, buffer.count, 0)
            if count >= 0 { return count }
            if errno == EINTR { continue }
            guard errno == EAGAIN else { throw SystemError("receive") }
            return nil
        }
    }

    /// Writes what there is room for.
    ///
    /// - Returns: How many bytes were taken; 0 where there is no room.
    package static func send(
        _ bytes: UnsafeRawBufferPointer, to fd: CInt
    ) throws(SystemError) -> Int {
        while true {
            let count = clinuxio_send(fd, bytes.baseAddress, bytes.count)
            if count >= 0 { return count }
            if errno == EINTR { continue }
            guard errno == EAGAIN else { throw SystemError("send") }
            return 0
        }
    }

    /// Says that nothing more will be sent (shutdown(2), SHUT_WR); the peer reads the end after the rest.
    package static func endSending(on fd: CInt) {
        // Fails only where the peer is gone, which needs to be told nothing.
        _ = shutdown(fd, CInt(SHUT_WR))
    }

    static func option(_ name: CInt, level: CInt, of fd: CInt) throws(SystemError) -> CInt {
        var value: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        guard getsockopt(fd, level, name, &value, &size) == 0 else {
            throw SystemError("read socket option \(name) of descriptor \(fd)")
        }
        return value
    }

    static func enable(_ name: CInt, level: CInt, on fd: CInt) throws(SystemError) {
        var value: CInt = 1
        let size = socklen_t(MemoryLayout<CInt>.size)
        guard setsockopt(fd, level, name, &value, size) == 0 else {
            throw SystemError("set socket option \(name) of descriptor \(fd)")
        }
    }

    static func makeNonBlockingAndCloseOnExec(_ fd: CInt) throws(SystemError) {
        guard fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0,
            fcntl(fd, F_SETFD, FD_CLOEXEC) == 0
        else { throw SystemError("set the flags of descriptor \(fd)") }
    }

    /// Whether a path is that of a unix socket that its process left behind.
    ///
    /// Only a refused connection says so; and connecting to an ordinary file is refused too.
    static func isAbandoned(_ path: String) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return false }
        do {
            _ = try connect(to: .unix(path: path))
            return false
        } catch {
            return error.code == ECONNREFUSED
        }
    }
}
