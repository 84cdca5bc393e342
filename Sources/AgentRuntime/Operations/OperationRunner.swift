package import AgentAPI
package import GRPCCore
package import Logging

/// Runs the calls of one agent: finds the operation, checks its arguments, bounds its time and its output, and puts the
/// result into the envelope that all results share.
package struct OperationRunner: CallExecuting {
    /// The largest `result_json`, so that an answer stays within gRPC's usual 4 MiB.
    package static let maxResultBytes = (4 << 20) - (64 << 10)

    private let table: OperationTable
    private let counters: CallCounters
    private let sessions: any SessionValidating
    private let artifacts: ArtifactStore
    private let logger: Logger
    private let executor: (any TaskExecutor)?

    /// Creates a runner.
    ///
    /// - Parameters:
    ///   - table: The agent's operations.
    ///   - counters: Count their calls.
    ///   - sessions: Which sessions exist.
    ///   - artifacts: Keeps outputs that are too long for a result.
    ///   - logger: Each call logs through a copy with its own fields.
    ///   - executor: Where the bodies start; the global executor where nil.
    package init(
        _ table: OperationTable, counters: CallCounters, sessions: any SessionValidating,
        artifacts: ArtifactStore, logger: Logger, executor: (any TaskExecutor)? = nil
    ) {
        self.table = table
        self.counters = counters
        self.sessions = sessions
        self.artifacts = artifacts
        self.logger = logger
        self.executor = executor
    }

    package func execute(
        _ request: Op_Agents_V1_ExecuteRequest, metadata: CallMetadata
    ) async throws -> Op_Agents_V1_ExecuteResponse {
        try await counters[request.operation].counting {
            try await answer(request, metadata: metadata)
        }
    }

    package func executeStream(
        _ request: Op_Agents_V1_ExecuteRequest, metadata: CallMetadata,
        to writer: RPCWriter<Op_Agents_V1_ExecuteStreamResponse>
    ) async throws {
        let counter = counters[request.operation]
        try await counter.counting {
            try await stream(
                request, metadata: metadata,
                to: RPCWriter(wrapping: CountingWriter(writer, counter)))
        }
    }

    private func answer(
        _ request: Op_Agents_V1_ExecuteRequest, metadata: CallMetadata
    ) async throws -> Op_Agents_V1_ExecuteResponse {
        let operation = try table.operation(named: request.operation)
        let output = operation.isStreaming ? CollectedOutput(artifacts: artifacts) : nil
        var (result, duration) = try await run(
            operation, for: request, metadata: metadata, output: output ?? DiscardedOutput())
        if let collected = output?.finish(), collected.totalBytes > 0 {
            result.fields["output"] = .string(collected.text)
            result.fields.merge(collected.envelopeFields) { own, _ in own }
        }
        var response = Op_Agents_V1_ExecuteResponse()
        response.agentID = table.agentID
        response.operation = operation.name
        response.success = result.success
        response.resultJson = try result.envelope(duration: duration)
        if !result.success { response.error = result.error ?? result.summary }
        response.executionTimeUs = UInt64(duration.microseconds)
        return response
    }

    private func stream(
        _ request: Op_Agents_V1_ExecuteRequest, metadata: CallMetadata,
        to writer: RPCWriter<Op_Agents_V1_ExecuteStreamResponse>
    ) async throws {
        let operation = try table.operation(named: request.operation)
        let chunks = ChunkStream(agentID: table.agentID, writer: writer)
        let (result, duration) = try await run(
            operation, for: request, metadata: metadata, output: chunks)
        try await chunks.finish(result, json: result.envelope(duration: duration))
    }

    private func run(
        _ operation: Operation, for request: Op_Agents_V1_ExecuteRequest, metadata: CallMetadata,
        output: any OutputSink
    ) async throws -> (OperationResult, Duration) {
        let arguments = try Arguments(json: request.argumentsJson, expecting: operation.arguments)
        var logger = logger
        logger[metadataKey: "operation"] = .string(operation.name)
        logger[metadataKey: "request"] = .string(metadata.requestID)
        if !request.sessionID.isEmpty {
            logger[metadataKey: "session"] = .string(request.sessionID)
        }
        let context = CallContext(
            sessionID: request.sessionID.isEmpty ? nil : request.sessionID,
            requestID: metadata.requestID, output: output, logger: logger)
        let start = ContinuousClock.now
        do {
            let result = try await sessions.run(
                RunningCall(executor: executor), in: request.sessionID,
                timeLimit: request.timeoutMs == 0 ? nil : .milliseconds(request.timeoutMs),
                deadline: metadata.deadline
            ) {
                try await operation.body(arguments, context)
            }
            let duration = ContinuousClock.now - start
            logger.debug("done in \(duration.milliseconds) ms: \(result.summary)")
            return (result, duration)
        } catch {
            let error = RPCError(anyError: error)
            logger.log(level: error.isOurs ? .error : .debug, "\(error.code): \(error.message)")
            throw error
        }
    }
}

/// What an operation that is not known to stream writes all the same.
private struct DiscardedOutput: OutputSink {
    func write(_ bytes: [UInt8], to stream: OutputStream) async throws {}
}

extension OperationResult {
    /// The result as `result_json`: the operation's own fields and those that all results have.
    ///
    /// - Throws: ``OperationError/Code/resourceExhausted`` where it is too large to send.
    fileprivate func envelope(duration: Duration) throws(OperationError) -> String {
        var fields = fields
        fields["summary"] = .string(summary)
        fields["success"] = .bool(success)
        fields["duration_ms"] = .double(duration.milliseconds)
        if let exitCode { fields["exit_code"] = .int(Int64(exitCode)) }
        let text = JSONValue.object(fields).text
        guard text.utf8.count <= OperationRunner.maxResultBytes else {
            throw OperationError(
                .resourceExhausted,
                "cannot send a result of \(text.utf8.count) bytes: at most "
                    + "\(OperationRunner.maxResultBytes) fit into an answer; ask for less at once")
        }
        return text
    }
}

extension RPCError {
    /// Whether the agent, and not its caller, has something to look into.
    fileprivate var isOurs: Bool {
        [.internalError, .unknown, .dataLoss].contains(code)
    }
}

extension Duration {
    fileprivate var microseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }

    fileprivate var milliseconds: Double { Double(microseconds) / 1000 }
}
