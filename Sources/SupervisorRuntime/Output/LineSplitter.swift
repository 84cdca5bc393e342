private import Glibc

/// Cuts a stream of bytes into lines of text, of bounded length.
///
/// A line ends at a line feed; a carriage return before it is dropped. A longer line than the bound
/// comes in several pieces, cut between characters and marked so: nothing is lost, and a program that
/// never ends its line cannot grow memory. Bytes that are not UTF-8 become U+FFFD.
package struct LineSplitter: Sendable {
    /// The bytes that a line or piece has at most, without its ending: 16 KiB.
    package static let maximumLength = 16 * 1024

    /// A line, or a piece of one that is too long.
    package struct Piece: Sendable, Equatable {
        /// Its text.
        package var text: String
        /// Whether the line goes on in the next piece.
        package var isCut = false
    }

    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// The line that has begun and not ended.
    private var partial: [UInt8] = []

    /// A splitter at the beginning of a line.
    package init() {}

    /// Takes the next bytes and returns the lines that they complete.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) -> [Piece] {
        var pieces: [Piece] = []
        var rest = bytes
        // In whole runs: a program may write as fast as it can.
        while let start = rest.baseAddress,
            let lineFeed = memchr(start, CInt(Self.lineFeed), rest.count)
        {
            let length = UnsafeRawPointer(lineFeed) - start
            append(UnsafeRawBufferPointer(rebasing: rest[..<length]), to: &pieces)
            pieces.append(takeLine())
            rest = UnsafeRawBufferPointer(rebasing: rest[(length + 1)...])
        }
        append(rest, to: &pieces)
        return pieces
    }

    /// Adds bytes without a line feed to the line that has begun.
    private mutating func append(_ bytes: UnsafeRawBufferPointer, to pieces: inout [Piece]) {
        var rest = bytes[...]
        while let byte = rest.first {
            var room = Self.maximumLength - partial.count
            // One byte more than the bound may be a carriage return that belongs to the ending.
            if room == 0, byte == Self.carriageReturn { room = 1 }
            if room <= 0 {
                pieces.append(takePiece())
                room = Self.maximumLength - partial.count
            }
            partial.append(contentsOf: rest.prefix(room))
            rest = rest.dropFirst(room)
        }
    }

    /// Returns what came after the last line feed, once the stream has ended, or nil for nothing.
    package mutating func finish() -> Piece? {
        partial.isEmpty ? nil : takeLine()
    }

    private mutating func takeLine() -> Piece {
        if partial.last == Self.carriageReturn {
            partial.removeLast()
        }
        defer { partial.removeAll(keepingCapacity: true) }
        return Piece(text: String(decoding: partial, as: UTF8.self))
    }

    /// Takes a piece of a line that is too long, and leaves the beginning of a character that was
    /// not complete.
    private mutating func takePiece() -> Piece {
        let end = Self.characterBoundary(in: partial)
        defer { partial.removeFirst(end) }
        return Piece(text: String(decoding: partial[..<end], as: UTF8.self), isCut: true)
    }

    /// Where the last character of the bytes begins if it is not complete, else their end.
    private static func characterBoundary(in bytes: [UInt8]) -> Int {
        // A UTF-8 sequence has at most four bytes; those after the first are 10xxxxxx.
        for length in 1...3 where length < bytes.count {
            let byte = bytes[bytes.count - length]
            if byte & 0b1100_0000 == 0b1000_0000 { continue }
            let expected =
                switch byte {
                case 0b1100_0000..<0b1110_0000: 2
                case 0b1110_0000..<0b1111_0000: 3
                case 0b1111_0000...: 4
                default: 1
                }
            return expected > length ? bytes.count - length : bytes.count
        }
        return bytes.count
    }
}
