internal import GRPCCore
private import SwiftProtobuf

extension InteropClient {
    func statusCodeAndMessage() async throws {
        let (code, message) = (RPCError.Code.unknown, "test status message")
        let error = try await failureOfUnary(code, message)
        try Self.expectStatus(error, code, message)
        let streamingError = try await failure {
            try await service.fullDuplexCall(options: options) { writer in
                try await writer.write(
                    .with { $0.responseStatus = Self.echoStatus(code, message) })
            } onResponse: { response in
                for try await _ in response.messages {}
            }
        }
        try Self.expectStatus(streamingError, code, message)
    }

    func specialStatusMessage() async throws {
        let message = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"
        let error = try await failureOfUnary(.unknown, message)
        try Self.expectStatus(error, .unknown, message)
    }

    func unimplementedMethod() async throws {
        let error = try await failure {
            _ = try await service.unimplementedCall(Grpc_Testing_Empty(), options: options)
        }
        try expect("status", error.code, is: .unimplemented)
    }

    func unimplementedService() async throws {
        let service = Grpc_Testing_UnimplementedService.Client(wrapping: client)
        let error = try await failure {
            _ = try await service.unimplementedCall(Grpc_Testing_Empty(), options: options)
        }
        try expect("status", error.code, is: .unimplemented)
    }

    private func failureOfUnary(
        _ code: RPCError.Code, _ message: String
    ) async throws -> RPCError {
        let status = Self.echoStatus(code, message)
        return try await failure {
            _ = try await service.unaryCall(
                .with { $0.responseStatus = status }, options: options)
        }
    }

    private static func echoStatus(
        _ code: RPCError.Code, _ message: String
    ) -> Grpc_Testing_EchoStatus {
        .with {
            $0.code = Int32(code.rawValue)
            $0.message = message
        }
    }

    private static func expectStatus(
        _ error: RPCError, _ code: RPCError.Code, _ message: String
    ) throws(Mismatch) {
        try expect("status", error.code, is: code)
        try expect("status message", error.message, is: message)
    }
}
