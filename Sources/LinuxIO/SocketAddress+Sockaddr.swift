package import Glibc

extension SocketAddress {
    /// AF_INET, AF_INET6 or AF_UNIX.
    package var family: CInt {
        switch self {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        case .unix: AF_UNIX
        }
    }

    /// Whether it can be lent whole.
    package var fitsSockaddr: Bool {
        guard case .unix(let path) = self else { return true }
        return path.utf8.count <= Self.maximumPathLength
    }

    /// Lends the address in the form that bind(2) and connect(2) take.
    ///
    /// A unix socket's path that is too long is cut.
    package func withSockaddr<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        switch self {
        case .ipv4(let address, let port):
            var form = sockaddr_in()
            form.sin_family = sa_family_t(AF_INET)
            form.sin_port = port.bigEndian
            form.sin_addr.s_addr = address
            return Self.lend(form, body)
        case .ipv6(let bytes, let port):
            var form = sockaddr_in6()
            form.sin6_family = sa_family_t(AF_INET6)
            form.sin6_port = port.bigEndian
            form.sin6_addr = bytes.address
            return Self.lend(form, body)
        case .unix(let path):
            var form = sockaddr_un()
            form.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &form.sun_path) { target in
                // The last byte stays zero.
                target.dropLast().copyBytes(from: path.utf8.prefix(target.count - 1))
            }
            return Self.lend(form, body)
        }
    }

    /// The address that a socket is bound to (getsockname(2)).
    ///
    /// - Parameter descriptor: A bound socket.
    /// - Throws: ``SystemError``, with EAFNOSUPPORT for a family that is none of the three.
    package init(localAddressOf descriptor: CInt) throws(SystemError) {
        try self.init(askedOf: descriptor, getsockname)
    }

    /// The address that a socket is connected to (getpeername(2)).
    ///
    /// - Parameter descriptor: A connected socket.
    /// - Throws: ``SystemError``, with ENOTCONN where the peer is gone already.
    package init(remoteAddressOf descriptor: CInt) throws(SystemError) {
        try self.init(askedOf: descriptor, getpeername)
    }

    private init(
        askedOf descriptor: CInt,
        _ ask: (CInt, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> CInt
    ) throws(SystemError) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                ask(descriptor, $0, &length)
            }
        }
        guard result == 0 else { throw SystemError("read the address of descriptor \(descriptor)") }
        self = try withUnsafeBytes(of: storage) { bytes throws(SystemError) in
            switch CInt(storage.ss_family) {
            case AF_INET:
                let form = bytes.loadUnaligned(as: sockaddr_in.self)
                return .ipv4(form.sin_addr.s_addr, port: UInt16(bigEndian: form.sin_port))
            case AF_INET6:
                let form = bytes.loadUnaligned(as: sockaddr_in6.self)
                return .ipv6(
                    InlineBytes(form.sin6_addr), port: UInt16(bigEndian: form.sin6_port))
            case AF_UNIX:
                let path = bytes[MemoryLayout<sa_family_t>.size..<Int(length)].prefix { $0 != 0 }
                return .unix(path: String(decoding: path, as: UTF8.self))
            default:
                throw SystemError("use descriptor \(descriptor) as a socket", code: EAFNOSUPPORT)
            }
        }
    }

    private static func lend<Form, Result>(
        _ form: Form, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        withUnsafePointer(to: form) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<Form>.size))
            }
        }
    }
}
