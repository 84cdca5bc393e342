internal import GRPCCore
internal import HTTP2Transport

extension MessageCompression {
    /// Takes `--enabled-algorithms` and `--default-algorithm`, `gzip` or `none` each.
    ///
    /// - Throws: ``UsageError`` where a value names no algorithm.
    mutating func set(from options: inout Options) throws(UsageError) {
        try options.set(&enabledAlgorithms, from: "enabled-algorithms") { text in
            switch text {
            case "none": CompressionAlgorithmSet.none
            case "gzip": [.none, .gzip]
            default: nil
            }
        }
        try options.set(
            &defaultAlgorithm, from: "default-algorithm", reading: CompressionAlgorithm.named)
    }
}

extension CompressionAlgorithm {
    /// The algorithm that a command line names; nil for one that the transport does not have.
    static func named(_ text: String) -> Self? {
        switch text {
        case "none": Self.none
        case "gzip": .gzip
        default: nil
        }
    }
}
