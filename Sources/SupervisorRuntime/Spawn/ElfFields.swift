/// Reads the fields of an ELF file's headers, of either word size and byte order (elf(5)).
///
/// Positions and sizes come from a file that may be damaged: everything is checked.
struct ElfFields {
    /// PT_INTERP.
    static let interpreterSegment: UInt32 = 3

    private let bytes: [UInt8]
    private let is64Bit: Bool
    private let isBigEndian: Bool

    /// The file's first bytes, which say the word size and byte order themselves.
    init(bytes: [UInt8]) {
        self.bytes = bytes
        is64Bit = bytes.count > 4 && bytes[4] == 2
        isBigEndian = bytes.count > 5 && bytes[5] == 2
    }

    /// Other bytes of the same file.
    init(bytes: [UInt8], like header: ElfFields) {
        self.bytes = bytes
        is64Bit = header.is64Bit
        isBigEndian = header.isBigEndian
    }

    /// The table of program headers.
    var programHeaders: (offset: Int, entrySize: Int, count: Int)? {
        guard let offset = is64Bit ? number(8, at: 32) : number(4, at: 28),
            let entrySize = half(at: is64Bit ? 54 : 42), let count = half(at: is64Bit ? 56 : 44),
            entrySize >= (is64Bit ? 56 : 32), let offset = Int(exactly: offset)
        else { return nil }
        return (offset, Int(entrySize), Int(count))
    }

    /// A program header: its type, and where in the file its segment lies.
    func segment(at position: Int) -> (type: UInt32, offset: Int, size: Int)? {
        guard let type = number(4, at: position),
            let offset = is64Bit ? number(8, at: position + 8) : number(4, at: position + 4),
            let size = is64Bit ? number(8, at: position + 32) : number(4, at: position + 16),
            let offset = Int(exactly: offset), let size = Int(exactly: size)
        else { return nil }
        return (UInt32(type), offset, size)
    }

    /// A field of two bytes.
    func half(at position: Int) -> UInt16? {
        number(2, at: position).map { UInt16($0) }
    }

    private func number(_ width: Int, at position: Int) -> UInt64? {
        guard position >= 0, position <= bytes.count - width else { return nil }
        let field = bytes[position..<position + width]
        return (isBigEndian ? Array(field) : field.reversed()).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
