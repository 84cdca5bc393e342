private import Glibc

/// The TCP sockets of this network namespace as proc(5) lists them: /proc/net/tcp and /proc/net/tcp6.
///
/// The way for kernels without inet_diag: the whole tables are read to find one socket.
enum TCPSocketTable {
    /// Finds a connected socket.
    ///
    /// - Parameter ends: Its four-tuple, IPv4 unmapped.
    /// - Returns: Nil where there is none.
    /// - Throws: ``SystemError`` where a table cannot be read.
    static func find(_ ends: TCPEnds) throws(SystemError) -> TCPSocketFacts? {
        for path in ["/proc/net/tcp", "/proc/net/tcp6"] {
            if let found = find(ends, in: try read(path)) { return found }
        }
        return nil
    }

    /// Finds a connected socket in the text of a table.
    static func find(_ ends: TCPEnds, in table: [UInt8]) -> TCPSocketFacts? {
        // An IPv6 socket that talks IPv4 is listed with mapped addresses.
        let wanted = [false, true].map { isMapped in
            [ends.address, ends.peer].map { column($0, isMapped: isMapped) }
        }
        for line in table.split(separator: UInt8(ascii: "\n")) {
            // sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode ...
            let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 10)
            guard fields.count > 9,
                wanted.contains(where: { $0.elementsEqual(fields[1...2], by: ==) }),
                let state = UInt8(text(fields[3]), radix: 16),
                let userID = UInt32(text(fields[7])), let inode = UInt64(text(fields[9]))
            else { continue }
            return TCPSocketFacts(state: state, userID: userID, inode: inode)
        }
        return nil
    }

    /// An address as the tables have it: words of the address as the machine reads them, and the port.
    private static func column(_ address: SocketAddress, isMapped: Bool) -> ArraySlice<UInt8> {
        var bytes = address.hostBytes
        if isMapped, bytes.count == 4 { bytes = SocketAddress.mappingPrefix + bytes }
        let words = bytes.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: 4).map { offset in
                hexadecimal(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self), digits: 8)
            }
        }
        return Array("\(words.joined()):\(hexadecimal(address.port ?? 0, digits: 4))".utf8)[...]
    }

    private static func hexadecimal(_ number: some BinaryInteger, digits: Int) -> String {
        let text = String(number, radix: 16, uppercase: true)
        return String(repeating: "0", count: digits - text.count) + text
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    private static func read(_ path: String) throws(SystemError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        // A kernel without IPv6 has no such table.
        if descriptor < 0, errno == ENOENT { return [] }
        let file = try OwnedDescriptor(owning: descriptor, from: "open \(path)")
        var table: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(file.rawValue, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemError("read \(path)") }
            guard count > 0 else { return table }
            table.append(contentsOf: chunk[..<count])
        }
    }
}
