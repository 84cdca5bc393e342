internal import GRPCCore

/// What metadata may consist of (gRPC over HTTP/2, "Custom-Metadata").
enum MetadataRules {
    /// Checks one entry before it is sent.
    ///
    /// - Throws: `RPCError` with `internalError`, as it is this side's program that is wrong.
    static func check(key: String, value: Metadata.Value) throws(RPCError) {
        guard isKey(key.utf8) else {
            throw refusal(key, "a key consists of letters, digits, '_', '-' and '.'")
        }
        let name = key.lowercased()
        guard !reserved.contains(name), !name.hasPrefix("grpc-") || allowed.contains(name) else {
            throw refusal(key, "the key belongs to the protocol")
        }
        switch value {
        case .string(let text):
            guard isText(text.utf8) else {
                throw refusal(
                    key, "a value consists of printable ASCII; use a key that ends in -bin")
            }
            guard text.utf8.first != 0x20, text.utf8.last != 0x20 else {
                throw refusal(key, "a value neither starts nor ends with a space")
            }
        case .binary:
            guard name.hasSuffix("-bin") else {
                throw refusal(key, "the key of a binary value ends in -bin")
            }
        }
    }

    /// Whether bytes can be a key, a peer's too.
    static func isKey(_ bytes: some Collection<UInt8>) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy(isKeyByte)
    }

    /// Whether bytes can be a value that is not binary, a peer's too.
    static func isText(_ bytes: some Sequence<UInt8>) -> Bool {
        bytes.allSatisfy { (0x20...0x7e).contains($0) }
    }

    /// The transport's own fields, and those that an HTTP/2 peer would reset the stream for (RFC 9113, sections 8.1.1
    /// and 8.2.2).
    private static let reserved: Set<String> = [
        "te", "content-type", "user-agent", "content-length", "connection", "proxy-connection",
        "keep-alive", "transfer-encoding", "upgrade",
    ]

    /// Of the protocol's own keys these are the layers' above.
    private static let allowed: Set<String> = [
        "grpc-timeout", "grpc-previous-rpc-attempts", "grpc-retry-pushback-ms",
        "grpc-status-details-bin", "grpc-accept-encoding",
    ]

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }

    private static func refusal(_ key: String, _ reason: String) -> RPCError {
        RPCError(code: .internalError, message: "cannot send the metadata \(key): \(reason)")
    }
}
