/// The cases of the gRPC interoperability tests that need neither credentials nor a load balancer
/// (https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md).
enum InteropCase: String, CaseIterable {
    case emptyUnary = "empty_unary"
    case largeUnary = "large_unary"
    case clientStreaming = "client_streaming"
    case serverStreaming = "server_streaming"
    case pingPong = "ping_pong"
    case emptyStream = "empty_stream"
    case customMetadata = "custom_metadata"
    case statusCodeAndMessage = "status_code_and_message"
    case specialStatusMessage = "special_status_message"
    case unimplementedMethod = "unimplemented_method"
    case unimplementedService = "unimplemented_service"
    case cancelAfterBegin = "cancel_after_begin"
    case cancelAfterFirstResponse = "cancel_after_first_response"
    case clientCompressedUnary = "client_compressed_unary"
    case clientCompressedStreaming = "client_compressed_streaming"
    case serverCompressedUnary = "server_compressed_unary"
    case serverCompressedStreaming = "server_compressed_streaming"
    case timeoutOnSleepingServer = "timeout_on_sleeping_server"
}

extension InteropClient {
    /// Runs a case.
    ///
    /// - Throws: ``Mismatch`` where the server's answers differ from what is described.
    func run(_ name: InteropCase) async throws {
        switch name {
        case .emptyUnary: try await emptyUnary()
        case .largeUnary: try await largeUnary()
        case .clientStreaming: try await clientStreaming()
        case .serverStreaming: try await serverStreaming()
        case .pingPong: try await pingPong()
        case .emptyStream: try await emptyStream()
        case .customMetadata: try await customMetadata()
        case .statusCodeAndMessage: try await statusCodeAndMessage()
        case .specialStatusMessage: try await specialStatusMessage()
        case .unimplementedMethod: try await unimplementedMethod()
        case .unimplementedService: try await unimplementedService()
        case .cancelAfterBegin: try await cancelAfterBegin()
        case .cancelAfterFirstResponse: try await cancelAfterFirstResponse()
        case .clientCompressedUnary: try await clientCompressedUnary()
        case .clientCompressedStreaming: try await clientCompressedStreaming()
        case .serverCompressedUnary: try await serverCompressedUnary()
        case .serverCompressedStreaming: try await serverCompressedStreaming()
        case .timeoutOnSleepingServer: try await timeoutOnSleepingServer()
        }
    }
}
