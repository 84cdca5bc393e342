internal import GRPCCore
internal import HTTP2Transport

/// Holds a call's messages against what the client says of their compression ("CompressedRequest" of
/// the interoperability tests).
struct CompressionCheck {
    private let context: ServerContext
    private var seen = 0

    init(_ context: ServerContext) {
        self.context = context
    }

    /// Checks the message that was read last.
    ///
    /// - Parameter expected: Whether the client says that it is compressed; nil where it does not say.
    /// - Throws: `RPCError` with `invalidArgument` where it is not as expected.
    mutating func check(_ expected: Bool?) throws(RPCError) {
        let count = context.http2?.compressedRequestMessages ?? 0
        let isCompressed = count > seen
        seen = count
        guard let expected, expected != isCompressed else { return }
        throw RPCError(
            code: .invalidArgument,
            message: "cannot accept the request: it is \(isCompressed ? "" : "not ")compressed")
    }
}
