public import Glibc

/// Where a socket listens or connects to.
public enum SocketAddress: Sendable, Hashable {
    /// An IPv4 address in network byte order, and a port.
    case ipv4(in_addr_t, port: UInt16)
    /// The sixteen bytes of an IPv6 address, and a port.
    case ipv6(InlineBytes, port: UInt16)
    /// A path in the file system, at most 107 bytes (unix(7)).
    case unix(path: String)

    /// Sixteen bytes.
    public struct InlineBytes: Sendable, Hashable {
        let high: UInt64
        let low: UInt64
    }

    /// 127.0.0.1 with a port.
    ///
    /// - Parameter port: 0 lets the kernel choose a free one when the address is bound.
    /// - Returns: The address.
    public static func loopback(port: UInt16) -> Self {
        .ipv4(in_addr_t(0x7f00_0001).bigEndian, port: port)
    }

    /// The port; nil for a unix socket.
    public var port: UInt16? {
        switch self {
        case .ipv4(_, let port), .ipv6(_, let port): port
        case .unix: nil
        }
    }
}

extension SocketAddress {
    /// Reads an address.
    ///
    /// - Parameter text: `127.0.0.1:50052`, `[::1]:50052`, `localhost:50052` (127.0.0.1), `unix:/path`,
    ///   or the first three after `http://`. Other names are not looked up.
    /// - Throws: ``SocketAddressError`` that says which forms are taken.
    public init(parsing text: String) throws(SocketAddressError) {
        var rest = Substring(text)
        for scheme in ["unix://", "unix:"] where rest.hasPrefix(scheme) {
            let path = String(rest.dropFirst(scheme.count))
            guard path.hasPrefix("/"), path.utf8.count <= Self.maximumPathLength else {
                throw SocketAddressError(
                    text: text,
                    reason: "a unix socket needs an absolute path of at most 107 bytes")
            }
            self = .unix(path: path)
            return
        }
        if rest.hasPrefix("http://") { rest = rest.dropFirst("http://".count) }
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        guard let colon = rest.lastIndex(of: ":") else {
            throw SocketAddressError(text: text, reason: "it has no port")
        }
        let digits = rest[rest.index(after: colon)...]
        // UInt16 alone would take a sign.
        guard digits.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let port = UInt16(digits) else {
            throw SocketAddressError(text: text, reason: "its port is not a number up to 65535")
        }
        var host = String(rest[..<colon])
        if host == "localhost" { host = "127.0.0.1" }
        if host.hasPrefix("["), host.hasSuffix("]") {
            var address = in6_addr()
            guard inet_pton(AF_INET6, String(host.dropFirst().dropLast()), &address) == 1 else {
                throw SocketAddressError(text: text, reason: "its host is not an IPv6 address")
            }
            self = .ipv6(InlineBytes(address), port: port)
            return
        }
        var address = in_addr()
        guard inet_pton(AF_INET, host, &address) == 1 else {
            throw SocketAddressError(text: text, reason: "its host is not an IP address")
        }
        self = .ipv4(address.s_addr, port: port)
    }

    /// The longest path of a unix socket: sun_path without its final zero byte.
    static let maximumPathLength = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1
}

extension SocketAddress: CustomStringConvertible {
    /// The form that ``init(parsing:)`` reads.
    public var description: String {
        switch self {
        case .ipv4(let address, let port):
            var address = in_addr(s_addr: address)
            return "\(Self.text(of: AF_INET, &address)):\(port)"
        case .ipv6(let bytes, let port):
            var address = bytes.address
            return "[\(Self.text(of: AF_INET6, &address))]:\(port)"
        case .unix(let path):
            return "unix:\(path)"
        }
    }

    private static func text(of family: CInt, _ address: UnsafeRawPointer) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            guard
                let text = inet_ntop(family, address, buffer.baseAddress, socklen_t(buffer.count))
            else { return "?" }
            return String(cString: text)
        }
    }
}

extension SocketAddress.InlineBytes {
    init(_ address: in6_addr) {
        (high, low) = unsafeBitCast(address, to: (UInt64, UInt64).self)
    }

    var address: in6_addr { unsafeBitCast((high, low), to: in6_addr.self) }
}

/// A text that is not an address.
public struct SocketAddressError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was given.
    public var text: String
    /// What is wrong with it.
    public var reason: String

    /// One sentence that says which forms are taken.
    public var description: String {
        "cannot use the address \(text): \(reason); write 127.0.0.1:50052, [::1]:50052 or unix:/path"
    }
}
