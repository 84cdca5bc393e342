internal import GRPCCore
private import SwiftProtobuf

extension InteropClient {
    private static let initialText = "test_initial_metadata_value"
    private static let trailingBytes: [UInt8] = [0xab, 0xab, 0xab]

    private static var customMetadata: Metadata {
        [
            EchoedMetadata.initialKey: .string(initialText),
            EchoedMetadata.trailingKey: .binary(trailingBytes),
        ]
    }

    func customMetadata() async throws {
        try await service.unaryCall(
            Self.largeRequestMessage, metadata: Self.customMetadata, options: options
        ) { response in
            _ = try response.message
            try Self.expectEcho(in: response.metadata, response.trailingMetadata)
        }
        try await service.fullDuplexCall(
            metadata: Self.customMetadata, options: options
        ) { writer in
            try await writer.write(
                Self.outputRequest(Int32(Self.largeResponse), payload: Self.largeRequest))
        } onResponse: { response in
            var trailing: Metadata = [:]
            for try await part in try response.accepted.get().bodyParts {
                if case .trailingMetadata(let metadata) = part { trailing = metadata }
            }
            try Self.expectEcho(in: response.metadata, trailing)
        }
    }

    private static func expectEcho(
        in initial: Metadata, _ trailing: Metadata
    ) throws(Mismatch) {
        try expect(
            "initial metadata", Array(initial[stringValues: EchoedMetadata.initialKey]),
            is: [initialText])
        try expect(
            "trailing metadata", Array(trailing[binaryValues: EchoedMetadata.trailingKey]),
            is: [trailingBytes])
    }
}
