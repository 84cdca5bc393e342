internal import GRPCCore
private import SwiftProtobuf

extension InteropClient {
    func clientCompressedUnary() async throws {
        let probe = try await failure { try await unary(saysCompressed: true, .none) }
        try expect("status of the probe", probe.code, is: .invalidArgument)
        try await unary(saysCompressed: true, .gzip)
        try await unary(saysCompressed: false, .none)
    }

    /// Both messages of the last call are compressed: gRPC's options are those of a call, not of a message.
    func clientCompressedStreaming() async throws {
        let probe = try await failure { _ = try await aggregatedSize(of: [27182], .none) }
        try expect("status of the probe", probe.code, is: .invalidArgument)
        let size = try await aggregatedSize(of: [27182, 45904], .gzip)
        try expect("aggregated size", size, is: 73086)
    }

    func serverCompressedUnary() async throws {
        for isCompressed in [true, false] {
            var request = Self.largeRequestMessage
            request.responseCompressed = .with { $0.value = isCompressed }
            let response = try await service.unaryCall(request, options: options)
            try expect(
                "payload", response.payload, is: Grpc_Testing_Payload(zeros: Self.largeResponse))
        }
    }

    func serverCompressedStreaming() async throws {
        let wanted: [(size: Int32, isCompressed: Bool)] = [(31415, true), (92653, false)]
        let request = OutputRequest.with {
            $0.responseParameters = wanted.map { size, isCompressed in
                .with {
                    $0.size = size
                    $0.compressed = .with { $0.value = isCompressed }
                }
            }
        }
        let payloads = try await service.streamingOutputCall(request, options: options) {
            try await $0.messages.reduce(into: []) { $0.append($1.payload) }
        }
        try expect(
            "payloads", payloads, is: wanted.map { Grpc_Testing_Payload(zeros: Int($0.size)) })
    }

    private func unary(
        saysCompressed: Bool, _ compression: CompressionAlgorithm
    ) async throws {
        var request = Self.largeRequestMessage
        request.expectCompressed = .with { $0.value = saysCompressed }
        let response = try await service.unaryCall(request, options: options(compression))
        try expect(
            "payload", response.payload, is: Grpc_Testing_Payload(zeros: Self.largeResponse))
    }

    /// Sends messages that say that they are compressed.
    private func aggregatedSize(
        of sizes: [Int], _ compression: CompressionAlgorithm
    ) async throws -> Int32 {
        try await service.streamingInputCall(options: options(compression)) { writer in
            for size in sizes {
                try await writer.write(
                    .with {
                        $0.payload = Grpc_Testing_Payload(zeros: size)
                        $0.expectCompressed = .with { $0.value = true }
                    })
            }
        }.aggregatedPayloadSize
    }

    private func options(_ compression: CompressionAlgorithm) -> CallOptions {
        var options = options
        options.compression = compression
        return options
    }
}
