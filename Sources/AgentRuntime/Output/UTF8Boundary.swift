/// Where UTF-8 may be cut without splitting a character (RFC 3629).
enum UTF8Boundary {
    /// How many bytes at the end belong to a character whose other bytes are missing; 0 to 3.
    static func unfinishedBytes(at bytes: some BidirectionalCollection<UInt8>) -> Int {
        for (distance, byte) in bytes.suffix(4).reversed().enumerated() {
            if length(ofCharacterFrom: byte) > distance + 1 { return distance + 1 }
            if byte & 0xc0 != 0x80 { return 0 }
        }
        return 0
    }

    /// How many bytes at the start belong to a character whose first byte is missing.
    static func orphanedBytes(at bytes: some Collection<UInt8>) -> Int {
        bytes.prefix(3).prefix { $0 & 0xc0 == 0x80 }.count
    }

    private static func length(ofCharacterFrom byte: UInt8) -> Int {
        switch byte {
        case 0xc2...0xdf: 2
        case 0xe0...0xef: 3
        case 0xf0...0xf4: 4
        default: 1
        }
    }
}
