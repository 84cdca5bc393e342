internal import GRPCCore
internal import HTTP2Transport
private import SwiftProtobuf

/// The server's side of the gRPC interoperability tests.
struct TestService: Grpc_Testing_TestService.ServiceProtocol {
    typealias Empty = Grpc_Testing_Empty
    typealias OutputRequest = Grpc_Testing_StreamingOutputCallRequest
    typealias OutputResponse = Grpc_Testing_StreamingOutputCallResponse

    func emptyCall(
        request: ServerRequest<Empty>, context: ServerContext
    ) async throws -> ServerResponse<Empty> {
        let echo = EchoedMetadata(request.metadata)
        return ServerResponse(
            message: Empty(), metadata: echo.initial, trailingMetadata: echo.trailing)
    }

    func unaryCall(
        request: ServerRequest<Grpc_Testing_SimpleRequest>, context: ServerContext
    ) async throws -> ServerResponse<Grpc_Testing_SimpleResponse> {
        let message = request.message
        var check = CompressionCheck(context)
        try check.check(message.hasExpectCompressed ? message.expectCompressed.value : nil)
        try message.responseStatus.throwUnlessOK()
        if message.responseCompressed.value { context.http2?.responseCompression = .gzip }
        let echo = EchoedMetadata(request.metadata)
        return ServerResponse(
            message: try .with {
                $0.payload = try Grpc_Testing_Payload(
                    message.responseType, size: message.responseSize)
            },
            metadata: echo.initial, trailingMetadata: echo.trailing)
    }

    func streamingOutputCall(
        request: ServerRequest<OutputRequest>, context: ServerContext
    ) async throws -> StreamingServerResponse<OutputResponse> {
        let echo = EchoedMetadata(request.metadata)
        Self.declareCompression(context)
        return StreamingServerResponse(metadata: echo.initial) { writer in
            try await Self.answer(request.message, to: writer, context)
            return echo.trailing
        }
    }

    func streamingInputCall(
        request: StreamingServerRequest<Grpc_Testing_StreamingInputCallRequest>,
        context: ServerContext
    ) async throws -> ServerResponse<Grpc_Testing_StreamingInputCallResponse> {
        var size = 0
        var check = CompressionCheck(context)
        for try await message in request.messages {
            try check.check(message.hasExpectCompressed ? message.expectCompressed.value : nil)
            size += message.payload.body.count
        }
        let echo = EchoedMetadata(request.metadata)
        return ServerResponse(
            message: .with { [size] in $0.aggregatedPayloadSize = Int32(clamping: size) },
            metadata: echo.initial, trailingMetadata: echo.trailing)
    }

    func fullDuplexCall(
        request: StreamingServerRequest<OutputRequest>, context: ServerContext
    ) async throws -> StreamingServerResponse<OutputResponse> {
        let echo = EchoedMetadata(request.metadata)
        Self.declareCompression(context)
        return StreamingServerResponse(metadata: echo.initial) { writer in
            for try await message in request.messages {
                try await Self.answer(message, to: writer, context)
            }
            return echo.trailing
        }
    }

    func halfDuplexCall(
        request: StreamingServerRequest<OutputRequest>, context: ServerContext
    ) async throws -> StreamingServerResponse<OutputResponse> {
        let echo = EchoedMetadata(request.metadata)
        Self.declareCompression(context)
        return StreamingServerResponse(metadata: echo.initial) { writer in
            var messages: [OutputRequest] = []
            for try await message in request.messages { messages.append(message) }
            for message in messages { try await Self.answer(message, to: writer, context) }
            return echo.trailing
        }
    }

    func unimplementedCall(
        request: ServerRequest<Empty>, context: ServerContext
    ) async throws -> ServerResponse<Empty> {
        throw RPCError(code: .unimplemented, message: "no server implements UnimplementedCall")
    }

    /// Lets single messages be compressed: the first metadata has to say so.
    private static func declareCompression(_ context: ServerContext) {
        context.http2?.responseCompression = .gzip
    }

    private static func answer(
        _ request: OutputRequest, to writer: RPCWriter<OutputResponse>, _ context: ServerContext
    ) async throws {
        try request.responseStatus.throwUnlessOK()
        for parameters in request.responseParameters {
            if parameters.intervalUs > 0 {
                try await Task.sleep(for: .microseconds(parameters.intervalUs))
            }
            let payload = try Grpc_Testing_Payload(request.responseType, size: parameters.size)
            context.http2?.responseCompression = parameters.compressed.value ? .gzip : .none
            try await writer.write(.with { $0.payload = payload })
        }
    }
}
