private import FoundationEssentials
internal import GRPCCore

extension CallOptions {
    /// Takes the options that are named after its properties, and `--method-config`: the same in gRPC's
    /// own JSON form, which also has retries and hedging
    /// (https://github.com/grpc/grpc-proto/blob/master/grpc/service_config/service_config.proto).
    ///
    /// - Throws: ``UsageError`` where a value is not of the property's type.
    init(taking options: inout Options) throws(UsageError) {
        self = .defaults
        if let text = options.take("method-config").last {
            let config: MethodConfig
            do {
                config = try JSONDecoder().decode(MethodConfig.self, from: Data(text.utf8))
            } catch {
                throw UsageError(reason: "--method-config is no MethodConfig: \(error)")
            }
            timeout = config.timeout
            waitForReady = config.waitForReady
            maxResponseMessageBytes = config.maxResponseMessageBytes
            executionPolicy = config.executionPolicy
        }
        try options.set(&timeout, from: "timeout")
        try options.set(&waitForReady, from: "wait-for-ready")
        try options.set(&compression, from: "compression") { CompressionAlgorithm.named($0) }
        try options.set(&maxResponseMessageBytes, from: "max-response-message-bytes")
    }
}
