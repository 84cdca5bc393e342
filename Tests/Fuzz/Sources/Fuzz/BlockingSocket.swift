internal import Glibc
internal import LinuxIO

/// The fuzzer's end of a connection.
struct BlockingSocket: ~Copyable {
    private let descriptor: OwnedDescriptor

    init(_ descriptor: consuming OwnedDescriptor) {
        // Fails only for a descriptor that is none.
        _ = fcntl(descriptor.rawValue, F_SETFL, 0)
        self.descriptor = descriptor
    }

    /// Sends bytes that fit into the socket's buffer, says that they are all, and reads what comes, to the end.
    func exchange(_ bytes: [UInt8]) {
        let fd = descriptor.rawValue
        // The other end may have closed already.
        _ = bytes.withUnsafeBytes { send(fd, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
        shutdown(fd, CInt(SHUT_WR))
        withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { buffer in
            while recv(fd, buffer.baseAddress, buffer.count, 0) > 0 {}
        }
    }
}
