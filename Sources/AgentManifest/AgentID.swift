/// The name by which an agent is configured, called and shown.
///
/// Lower-case letters, digits and `_`, starting with a letter, at most 63 bytes: so it is the same
/// word in a file name, a journal field, a metric label and `Execute`'s `agent_id`.
package struct AgentID: Hashable, Sendable, Codable {
    /// The name as it is written.
    package let rawValue: String

    /// Makes an identifier of a name.
    ///
    /// Fails if the name is not a valid identifier.
    ///
    /// - Parameter rawValue: The name.
    package init?(rawValue: String) {
        guard let first = rawValue.utf8.first, Self.isLetter(first), rawValue.utf8.count <= 63,
            rawValue.utf8.allSatisfy({ Self.isLetter($0) || Self.isDigitOrUnderscore($0) })
        else { return nil }
        self.rawValue = rawValue
    }

    /// Decodes a bare string.
    ///
    /// - Parameter decoder: Where to read from.
    /// - Throws: `DecodingError` if there is no string or it is not a valid identifier.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let name = try container.decode(String.self)
        guard let id = Self(rawValue: name) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "'\(name)' is not an agent's id")
        }
        self = id
    }

    /// Encodes as a bare string.
    ///
    /// - Parameter encoder: Where to write to.
    /// - Throws: What the encoder throws.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    private static func isDigitOrUnderscore(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
    }
}

extension AgentID: ExpressibleByStringLiteral {
    /// Makes an identifier of a literal, which must be valid.
    ///
    /// - Parameter value: The literal.
    package init(stringLiteral value: StaticString) {
        guard let id = Self(rawValue: value.description) else {
            preconditionFailure("'\(value)' is not an agent's id")
        }
        self = id
    }
}

extension AgentID: Comparable {
    /// Orders identifiers by their bytes.
    ///
    /// - Parameters:
    ///   - left: An identifier.
    ///   - right: Another one.
    /// - Returns: Whether `left` comes first.
    package static func < (left: Self, right: Self) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension AgentID: CustomStringConvertible {
    /// The name as it is written.
    package var description: String { rawValue }
}
