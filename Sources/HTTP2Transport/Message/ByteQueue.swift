/// Bytes that wait to be sent, in order.
///
/// Until ``discardsTaken`` is set, what was taken is kept, so that it can be sent again on another
/// connection.
struct ByteQueue {
    private var bytes: [UInt8] = []
    private var head = 0
    /// Give taken bytes back to memory.
    var discardsTaken = true

    /// How many bytes wait.
    var count: Int { bytes.count - head }

    /// How many bytes were ever appended, while nothing is discarded.
    var retainedCount: Int { bytes.count }

    mutating func append(_ other: [UInt8]) {
        bytes.append(contentsOf: other)
    }

    /// Appends a message behind its prefix: whether it is compressed, and its length
    /// (gRPC over HTTP/2, "Length-Prefixed-Message").
    mutating func appendMessage(_ message: [UInt8], isCompressed: Bool) {
        let length = UInt32(truncatingIfNeeded: message.count)
        bytes.reserveCapacity(bytes.count + MessageDecoder.prefixLength + message.count)
        bytes.append(isCompressed ? 1 : 0)
        withUnsafeBytes(of: length.bigEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: message)
    }

    /// Takes bytes from the front, as many as there are and fit.
    mutating func take(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let taken = min(count, buffer.count)
        guard taken > 0 else { return 0 }
        bytes.withUnsafeBytes { source in
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[head..<head + taken]))
        }
        head += taken
        if discardsTaken { compact() }
        return taken
    }

    /// Puts everything taken back to the front.
    mutating func rewind() {
        precondition(!discardsTaken, "what was taken is gone")
        head = 0
    }

    /// Moving the rest to the front is worth it once there is less of it than of what was taken.
    private mutating func compact() {
        if head == bytes.count {
            bytes.removeAll(keepingCapacity: bytes.capacity <= 1 << 16)
            head = 0
        } else if head > 1 << 16, head > bytes.count - head {
            bytes.removeSubrange(..<head)
            head = 0
        }
    }
}
