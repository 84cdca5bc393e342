/// Cuts what a program writes into lines, and keeps every byte of it.
struct LineBuffer {
    /// Whether a carriage return ends a line too, as in a progress bar that draws over itself.
    let endsAtCarriageReturn: Bool

    private var bytes: [UInt8] = []
    private var start = 0
    /// Up to here there is no ending.
    private var searched = 0

    init(endsAtCarriageReturn: Bool) {
        self.endsAtCarriageReturn = endsAtCarriageReturn
    }

    mutating func append(_ more: [UInt8]) {
        bytes.removeFirst(start)
        searched -= start
        start = 0
        bytes += more
    }

    /// The next line with its ending; nil until it is complete.
    ///
    /// - Parameter longest: A line of more bytes comes in several pieces, cut between characters.
    /// - Returns: The line, or a piece of it.
    mutating func next(longest: Int) -> ArraySlice<UInt8>? {
        while searched < bytes.count, searched - start < longest {
            let byte = bytes[searched]
            searched += 1
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") && endsAtCarriageReturn {
                return take(upTo: searched)
            }
        }
        guard searched - start >= longest else { return nil }
        return take(upTo: characterBoundary(before: searched))
    }

    /// What has come after the last ending; nil for nothing.
    mutating func rest() -> ArraySlice<UInt8>? {
        start == bytes.count ? nil : take(upTo: bytes.count)
    }

    private mutating func take(upTo end: Int) -> ArraySlice<UInt8> {
        defer {
            start = end
            searched = end
        }
        return bytes[start..<end]
    }

    /// The beginning of a character that is cut at the end, if there is one; UTF-8 has at most four bytes for one.
    private func characterBoundary(before end: Int) -> Int {
        guard end < bytes.count, bytes[end] & 0xc0 == 0x80 else { return end }
        let first = bytes[max(start, end - 3)..<end].lastIndex { $0 & 0xc0 != 0x80 }
        guard let first, first > start else { return end }
        return first
    }
}
