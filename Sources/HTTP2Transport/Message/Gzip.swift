private import CZlib

/// Whole messages in gzip's format, one member each (RFC 1952, through zlib).
///
/// This is the only file that imports zlib. What zlib needs is allocated for a message and freed after it: kept for
/// each stream it would be 256 KiB that most streams never use.
enum Gzip {
    /// Why bytes give no message.
    enum Failure: Error, Equatable {
        /// They are no gzip, end too early, go on after their end, or fail their checksum.
        case malformed
        /// They give more than is allowed.
        case tooLong(limit: Int)
    }

    /// Smaller messages are sent as they are, in bytes: they fit into one packet in any case, and the 18 bytes that gzip
    /// adds eat most of what it saves.
    static let minimumMessageSize = 1024

    /// Decompresses a message.
    ///
    /// What it gives is counted as it comes, whatever the bytes say of themselves: a short message that stands for a long one
    /// costs no more memory than the limit.
    ///
    /// - Parameters:
    ///   - bytes: All of the message.
    ///   - limit: Of what it gives, in bytes.
    /// - Returns: The decompressed message.
    /// - Throws: ``Failure`` where it cannot be read.
    static func decompress(_ bytes: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
        var stream = z_stream()
        // zlib remembers the address of its stream.
        return try withUnsafeMutablePointer(to: &stream) { stream throws(Failure) in
            let status = inflateInit2_(stream, windowBits, ZLIB_VERSION, streamSize)
            precondition(status == Z_OK, "out of memory")
            defer { inflateEnd(stream) }
            return try bytes.withUnsafeBufferPointer { input throws(Failure) in
                guard let size = UInt32(exactly: input.count) else { throw .tooLong(limit: limit) }
                // zlib takes mutable pointers and changes nothing behind them.
                stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.pointee.avail_in = size
                return try inflateAll(stream, limit: limit).get()
            }
        }
    }

    /// Compresses a message.
    ///
    /// - Parameter message: Of any size.
    /// - Returns: Nil where it is smaller as it is.
    static func compress(_ message: [UInt8]) -> [UInt8]? {
        guard message.count >= minimumMessageSize, let size = UInt32(exactly: message.count) else {
            return nil
        }
        var stream = z_stream()
        return withUnsafeMutablePointer(to: &stream) { stream in
            let status = deflateInit2_(
                stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, windowBits, memoryLevel,
                Z_DEFAULT_STRATEGY, ZLIB_VERSION, streamSize)
            precondition(status == Z_OK, "out of memory")
            defer { deflateEnd(stream) }
            var isSmaller = false
            let compressed = [UInt8](unsafeUninitializedCapacity: message.count) { output, count in
                message.withUnsafeBufferPointer { input in
                    stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                    stream.pointee.avail_in = size
                    stream.pointee.next_out = output.baseAddress
                    // Room for one byte less: what is no smaller does not come to its end.
                    stream.pointee.avail_out = size - 1
                    isSmaller = deflate(stream, Z_FINISH) == Z_STREAM_END
                }
                count = isSmaller ? message.count - 1 - Int(stream.pointee.avail_out) : 0
            }
            return isSmaller ? compressed : nil
        }
    }

    private static func inflateAll(
        _ stream: UnsafeMutablePointer<z_stream>, limit: Int
    ) -> Result<[UInt8], Failure> {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: pieceSize) { piece in
            var message: [UInt8] = []
            while true {
                stream.pointee.next_out = piece.baseAddress
                stream.pointee.avail_out = UInt32(piece.count)
                let status = inflate(stream, Z_NO_FLUSH)
                let count = piece.count - Int(stream.pointee.avail_out)
                guard count <= limit - message.count else {
                    return .failure(.tooLong(limit: limit))
                }
                message.append(contentsOf: UnsafeMutableBufferPointer(rebasing: piece[..<count]))
                switch status {
                case Z_OK: continue
                case Z_STREAM_END where stream.pointee.avail_in == 0: return .success(message)
                // Z_BUF_ERROR among them: there is input to wait for, and none comes.
                default: return .failure(.malformed)
                }
            }
        }
    }

    /// The largest window (2^15 bytes), and 16 for "gzip, and nothing else" (zlib.h).
    private static let windowBits: Int32 = 15 + 16
    /// zlib's own default.
    private static let memoryLevel: Int32 = 8
    private static let streamSize = Int32(MemoryLayout<z_stream>.size)
    /// Bytes decompressed at a time.
    private static let pieceSize = 32 << 10
}
