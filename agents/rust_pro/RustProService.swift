internal import AgentAPI
internal import AgentRuntime
internal import GRPCCore
internal import LinuxIO
internal import Logging

/// The typed door, op.agents.v1.RustPro, which translates: the operations decide.
struct RustProService: Op_Agents_V1_RustPro.ServiceProtocol {
    typealias CargoResponse = StreamingServerResponse<Op_Agents_V1_RustProCargoResponse>

    private let table: OperationTable
    private let eventLoop: EventLoop
    private let logger: Logger

    /// Creates the service.
    ///
    /// - Parameters:
    ///   - operations: The agent's.
    ///   - eventLoop: Where calls run.
    ///   - logger: The agent's.
    init(operations: [Operation], eventLoop: EventLoop, logger: Logger) {
        table = OperationTable(agentID: RustProAgent.id, operations: operations)
        self.eventLoop = eventLoop
        self.logger = logger
    }

    func check(
        request: ServerRequest<Op_Agents_V1_RustProCargoRequest>, context: ServerContext
    ) async throws -> CargoResponse {
        stream("check", request.message.arguments, CallMetadata(request.metadata, of: context))
    }

    func clippy(
        request: ServerRequest<Op_Agents_V1_RustProCargoRequest>, context: ServerContext
    ) async throws -> CargoResponse {
        stream("clippy", request.message.arguments, CallMetadata(request.metadata, of: context))
    }

    func build(
        request: ServerRequest<Op_Agents_V1_RustProCargoRequest>, context: ServerContext
    ) async throws -> CargoResponse {
        stream("build", request.message.arguments, CallMetadata(request.metadata, of: context))
    }

    func doc(
        request: ServerRequest<Op_Agents_V1_RustProCargoRequest>, context: ServerContext
    ) async throws -> CargoResponse {
        stream("doc", request.message.arguments, CallMetadata(request.metadata, of: context))
    }

    func bench(
        request: ServerRequest<Op_Agents_V1_RustProCargoRequest>, context: ServerContext
    ) async throws -> CargoResponse {
        stream("bench", request.message.arguments, CallMetadata(request.metadata, of: context))
    }

    func test(
        request: ServerRequest<Op_Agents_V1_RustProTestRequest>, context: ServerContext
    ) async throws -> CargoResponse {
        stream("test", request.message.arguments, CallMetadata(request.metadata, of: context))
    }

    func run(
        request: ServerRequest<Op_Agents_V1_RustProRunRequest>, context: ServerContext
    ) async throws -> CargoResponse {
        stream("run", request.message.arguments, CallMetadata(request.metadata, of: context))
    }

    func fmt(
        request: ServerRequest<Op_Agents_V1_RustProFmtRequest>, context: ServerContext
    ) async throws -> ServerResponse<Op_Agents_V1_RustProFmtResponse> {
        let (result, _) = try await call(
            "fmt", request.message.arguments, CallMetadata(request.metadata, of: context),
            output: NoOutput())
        return ServerResponse(message: Op_Agents_V1_RustProFmtResponse(result))
    }

    func version(
        request: ServerRequest<Op_Agents_V1_RustProVersionRequest>, context: ServerContext
    ) async throws -> ServerResponse<Op_Agents_V1_RustProVersionResponse> {
        let (result, _) = try await call(
            "version", request.message.arguments, CallMetadata(request.metadata, of: context),
            output: NoOutput())
        return ServerResponse(message: Op_Agents_V1_RustProVersionResponse(result))
    }

    func analyze(
        request: ServerRequest<Op_Agents_V1_RustProAnalyzeRequest>, context: ServerContext
    ) async throws -> ServerResponse<Op_Agents_V1_RustProAnalyzeResponse> {
        // Not carried out by this version: answered as any operation that the table does not have.
        _ = try table.operation(named: "analyze")
        return ServerResponse(message: Op_Agents_V1_RustProAnalyzeResponse())
    }

    private func stream(
        _ operation: String, _ arguments: [String: JSONValue], _ metadata: CallMetadata
    ) -> CargoResponse {
        CargoResponse { writer in
            let (result, duration) = try await call(
                operation, arguments, metadata, output: CargoResponseSink(writer: writer))
            var last = Op_Agents_V1_RustProCargoResponse()
            last.result = Op_Agents_V1_RustProCargoResult(result, duration: duration)
            try await writer.write(last)
            return [:]
        }
    }

    /// Carries an operation out as the generic door does: with its checks, and cancelled with its caller.
    private func call(
        _ name: String, _ arguments: [String: JSONValue], _ metadata: CallMetadata,
        output: any OutputSink
    ) async throws -> (OperationResult, Duration) {
        let operation = try table.operation(named: name)
        let arguments = try Arguments(
            json: JSONValue.object(arguments).text, expecting: operation.arguments)
        var logger = logger
        logger[metadataKey: "operation"] = .string(operation.name)
        logger[metadataKey: "request"] = .string(metadata.requestID)
        let context = CallContext(
            sessionID: nil, requestID: metadata.requestID, output: output, logger: logger)
        let start = ContinuousClock.now
        let result = try await RunningCall(executor: eventLoop).run(deadline: metadata.deadline) {
            try await operation.body(arguments, context)
        }
        return (result, ContinuousClock.now - start)
    }
}

/// Sends output as messages of the typed stream.
private struct CargoResponseSink: OutputSink {
    let writer: RPCWriter<Op_Agents_V1_RustProCargoResponse>

    func write(_ bytes: [UInt8], to stream: OutputStream) async throws {
        let text = LossyUTF8(bytes)
        var response = Op_Agents_V1_RustProCargoResponse()
        response.output.content = text.text
        response.output.contentReplaced = text.hasReplacements
        response.output.streamType =
            switch stream {
            case .stdout: .stdout
            case .stderr: .stderr
            case .progress: .progress
            }
        try await writer.write(response)
    }
}

/// For operations that answer once.
private struct NoOutput: OutputSink {
    func write(_ bytes: [UInt8], to stream: OutputStream) async throws {}
}
