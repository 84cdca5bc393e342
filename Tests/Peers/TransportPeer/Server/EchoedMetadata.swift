internal import GRPCCore

/// What a request asks to have sent back ("Echo Metadata" of the interoperability tests).
struct EchoedMetadata {
    /// With the key of the text that comes back before the response.
    static let initialKey = "x-grpc-test-echo-initial"
    /// With the key of the bytes that come back after it.
    static let trailingKey = "x-grpc-test-echo-trailing-bin"

    let initial: Metadata
    let trailing: Metadata

    init(_ request: Metadata) {
        initial = Self.entries(of: Self.initialKey, in: request)
        trailing = Self.entries(of: Self.trailingKey, in: request)
    }

    private static func entries(of key: String, in metadata: Metadata) -> Metadata {
        Metadata(metadata[key].map { (key: key, value: $0) })
    }
}
