/// The control sequences of terminals (ECMA-48): colours, links, cursor movements.
enum TerminalEscapes {
    /// A text without them.
    static func removed(from text: String) -> String {
        guard text.utf8.contains(0x1b) else { return text }
        var kept: [UInt8] = []
        kept.reserveCapacity(text.utf8.count)
        var bytes = text.utf8.makeIterator()
        while let byte = bytes.next() {
            if byte == 0x1b { skip(&bytes) } else { kept.append(byte) }
        }
        return String(decoding: kept, as: UTF8.self)
    }

    /// Reads on to the end of the sequence that an escape character began.
    private static func skip(_ bytes: inout String.UTF8View.Iterator) {
        switch bytes.next() {
        case UInt8(ascii: "["):
            while let byte = bytes.next(), !(0x40...0x7e).contains(byte) {}
        case UInt8(ascii: "]"):
            // An operating system command, such as a link, ends with BEL or with ESC \.
            while let byte = bytes.next(), byte != 0x07 {
                if byte == 0x1b {
                    _ = bytes.next()
                    return
                }
            }
        default: return
        }
    }
}
