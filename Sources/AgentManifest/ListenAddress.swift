private import Glibc

/// Where something of the fleet listens.
package enum ListenAddress: Hashable, Sendable {
    /// A TCP port on an IPv4 or IPv6 address, or on `localhost`.
    case tcp(host: String, port: UInt16)
    /// A stream socket in the file system.
    case unix(path: String)

    /// Reads `IPV4:PORT`, `localhost:PORT`, `[IPV6]:PORT` or `unix:/PATH`.
    ///
    /// Fails if it is none of these, or the port is 0.
    ///
    /// - Parameter text: What to read.
    package init?(_ text: String) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst("unix:".count))
            guard path.hasPrefix("/") else { return nil }
            self = .unix(path: path)
            return
        }
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...]), port != 0
        else { return nil }
        let host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            let address = String(host.dropFirst().dropLast())
            guard Self.isAddress(address, of: AF_INET6) else { return nil }
            self = .tcp(host: address, port: port)
        } else {
            // Other names would have to be looked up, which may give another answer each time.
            guard host == "localhost" || Self.isAddress(host, of: AF_INET) else { return nil }
            self = .tcp(host: host, port: port)
        }
    }

    private static func isAddress(_ text: String, of family: CInt) -> Bool {
        var address = in6_addr()
        return inet_pton(family, text, &address) == 1
    }

    /// The TCP port, if it has one.
    package var port: UInt16? {
        guard case .tcp(_, let port) = self else { return nil }
        return port
    }
}

extension ListenAddress: CustomStringConvertible {
    /// The address in the form that the configuration takes.
    package var description: String {
        switch self {
        case .tcp(let host, let port):
            host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}
