public import GRPCCore

/// How the messages of a transport are compressed (gRPC, "Compression").
///
/// `gzip` is the only algorithm; others are ignored. A message of less than 1 KiB, or one that does not get smaller, is
/// sent as it is. Limits on message sizes are for the decompressed message.
public struct MessageCompression: Sendable, Hashable {
    /// What is read where the peer sends it, and written where it is asked for.
    public var enabledAlgorithms: CompressionAlgorithmSet
    /// What is written where a call says nothing, if it is enabled.
    public var defaultAlgorithm: CompressionAlgorithm

    /// Creates a choice of algorithms.
    ///
    /// - Parameters:
    ///   - enabledAlgorithms: What is read where the peer sends it, and written where it is asked for.
    ///   - defaultAlgorithm: What is written where a call says nothing. `none` by default: between processes of one
    ///     machine it takes a hundred times longer to compress a byte than to copy it.
    public init(
        enabledAlgorithms: CompressionAlgorithmSet, defaultAlgorithm: CompressionAlgorithm = .none
    ) {
        self.enabledAlgorithms = enabledAlgorithms
        self.defaultAlgorithm = defaultAlgorithm
    }

    /// Whether gzip may be read and written.
    var enablesGzip: Bool { enabledAlgorithms.contains(CompressionAlgorithm.gzip) }

    /// Whether a call's messages are written in gzip.
    ///
    /// - Parameter algorithm: What the call says; nil for the default.
    /// - Returns: Whether they are.
    func usesGzip(for algorithm: CompressionAlgorithm?) -> Bool {
        enablesGzip && (algorithm ?? defaultAlgorithm) == .gzip
    }
}
