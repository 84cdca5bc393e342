package import GRPCCore

/// The rules of session ids (`StartSessionRequest.session_id`).
package enum SessionID {
    /// The longest id, in bytes.
    package static let maxBytes = 128

    /// Checks an id that a client chose.
    ///
    /// - Parameter id: 1 to 128 bytes of letters, digits, '.', '_', ':' and '-'.
    /// - Throws: INVALID_ARGUMENT where it is anything else.
    package static func check(_ id: String) throws(RPCError) {
        guard !id.isEmpty, id.utf8.count <= maxBytes, id.utf8.allSatisfy(isAllowed) else {
            throw RPCError(
                code: .invalidArgument,
                message: "cannot use the session id \"\(id.prefix(maxBytes))\": it is not 1 to "
                    + "\(maxBytes) letters, digits, '.', '_', ':' and '-'; send another, or none "
                    + "to be given one")
        }
    }

    /// Makes an id for a client that chose none: "s-" and 128 random bits in hexadecimal.
    package static func random() -> String {
        let bits = [UInt64.random(in: .min ... .max), .random(in: .min ... .max)]
        return "s-"
            + bits.map { String($0, radix: 16) }
            .map { String(repeating: "0", count: 16 - $0.count) + $0 }.joined()
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: ":"), UInt8(ascii: "-"):
            true
        default:
            false
        }
    }
}
