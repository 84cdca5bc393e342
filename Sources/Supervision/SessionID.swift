/// The name of a session: at most 128 bytes of letters, digits, `.`, `_`, `:` and `-`.
package struct SessionID: Hashable, Sendable, Codable {
    /// The name as it is written.
    package let rawValue: String

    /// Makes an identifier of a name.
    ///
    /// Fails if the name is empty, too long or has other characters.
    ///
    /// - Parameter rawValue: The name.
    package init?(rawValue: String) {
        guard (1...128).contains(rawValue.utf8.count), rawValue.utf8.allSatisfy(Self.isAllowed)
        else { return nil }
        self.rawValue = rawValue
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: ".:_-".utf8.contains(byte)
        }
    }
}

extension SessionID: CustomStringConvertible {
    /// The name as it is written.
    package var description: String { rawValue }
}
