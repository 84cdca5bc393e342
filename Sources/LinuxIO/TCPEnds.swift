internal import CLinuxIO
private import Glibc

/// The four-tuple of a TCP connection, as one of its ends sees it.
struct TCPEnds: Sendable, Hashable, CustomStringConvertible {
    /// Where this end is.
    var address: SocketAddress
    /// Where the other is.
    var peer: SocketAddress

    var description: String { "the TCP connection from \(address) to \(peer)" }

    /// The form that the kernel is asked in.
    var question: clinuxio_tcp_ends {
        var ends = clinuxio_tcp_ends()
        ends.family = UInt8(address.family)
        ends.port = (address.port ?? 0).bigEndian
        ends.peer_port = (peer.port ?? 0).bigEndian
        withUnsafeMutableBytes(of: &ends.address) { $0.copyBytes(from: address.hostBytes) }
        withUnsafeMutableBytes(of: &ends.peer_address) { $0.copyBytes(from: peer.hostBytes) }
        return ends
    }
}

extension SocketAddress {
    /// An IPv4 address that is written as an IPv6 address (`::ffff:127.0.0.1`, RFC 4291, section 2.5.5.2), as
    /// the IPv4 address that it is.
    var unmapped: SocketAddress {
        guard case .ipv6(_, let port) = self else { return self }
        let bytes = hostBytes
        guard bytes.starts(with: Self.mappingPrefix) else { return self }
        let address = bytes.dropFirst(Self.mappingPrefix.count).withUnsafeBytes {
            $0.loadUnaligned(as: in_addr_t.self)
        }
        return .ipv4(address, port: port)
    }

    /// What precedes the four bytes of a mapped IPv4 address.
    static let mappingPrefix: [UInt8] = [UInt8](repeating: 0, count: 10) + [0xff, 0xff]

    /// Whether it is on this machine and reached by nobody else: 127.0.0.0/8 or ::1.
    var isLoopback: Bool {
        switch self {
        case .ipv4: hostBytes.first == 127
        case .ipv6: hostBytes == [UInt8](repeating: 0, count: 15) + [1]
        case .unix: false
        }
    }

    /// The bytes of the IP address, in network order; none for a unix socket.
    var hostBytes: [UInt8] {
        switch self {
        case .ipv4(let address, _): withUnsafeBytes(of: address) { Array($0) }
        case .ipv6(let bytes, _): withUnsafeBytes(of: bytes.address) { Array($0) }
        case .unix: []
        }
    }
}
