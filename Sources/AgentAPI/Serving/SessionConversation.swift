package import GRPCCore

/// `Session`: many calls at once on one stream, matched by correlation id, each cancellable by itself.
///
/// A half-closed stream finishes its calls; a cancelled or broken one, or the end of the session, cancels them.
package struct SessionConversation: Sendable {
    /// The longest correlation id, in bytes.
    package static let maxCorrelationIDBytes = 128
    /// The most calls that run at once on one stream.
    package static let maxRunningCalls = 1000

    private let executor: any CallExecuting
    private let sessions: any SessionValidating
    private let taskExecutor: (any TaskExecutor)?
    private let drain: ConversationDrain?

    /// Creates a conversation.
    ///
    /// - Parameters:
    ///   - executor: Runs each call.
    ///   - sessions: Knows the session and ends the stream with it.
    ///   - taskExecutor: See ``RunningCall/init(executor:isContainer:)``.
    ///   - drain: Ends the conversation when the server stops; nil where nothing but its client does.
    package init(
        executor: any CallExecuting, sessions: any SessionValidating,
        taskExecutor: (any TaskExecutor)? = nil, drain: ConversationDrain? = nil
    ) {
        self.drain = drain
        self.executor = executor
        self.sessions = sessions
        self.taskExecutor = taskExecutor
    }

    /// Serves the stream until its requests have ended and its calls are answered.
    ///
    /// - Parameters:
    ///   - requests: What the client sends; the first names the session.
    ///   - metadata: Goes with every call.
    ///   - writer: Takes the answers.
    /// - Throws: INVALID_ARGUMENT where the first message names no session, NOT_FOUND where it does not exist,
    ///   CANCELLED when it ends, UNAVAILABLE when the server stops.
    package func run(
        _ requests: RPCAsyncSequence<Op_Agents_V1_SessionRequest, any Error>,
        metadata: CallMetadata, to writer: RPCWriter<Op_Agents_V1_SessionResponse>
    ) async throws {
        let stream = RunningCall(executor: taskExecutor, isContainer: true)
        let calls = ConversationCalls(of: stream)
        drain?.add(calls)
        defer { drain?.remove(calls) }
        try await stream.run {
            var iterator = requests.makeAsyncIterator()
            guard let first = try await iterator.next() else { return }
            guard !first.sessionID.isEmpty else {
                throw RPCError(
                    code: .invalidArgument,
                    message: "cannot open the conversation: its first message names no session; "
                        + "set session_id there")
            }
            let sessionID = first.sessionID
            try await sessions.register(stream, in: sessionID)
            sessions.conversationBegan(in: sessionID)
            // The stream, a call itself, must not renew the lease after it has ended.
            defer {
                sessions.unregister(stream, from: sessionID)
                sessions.conversationEnded(in: sessionID)
            }

            let answers = SerializedWriter(writer)
            // A failed write throws, which cancels the calls: nobody reads their answers.
            try await withThrowingDiscardingTaskGroup { group in
                var request: Op_Agents_V1_SessionRequest? = first
                while let message = request {
                    let call = try await answer(
                        to: message, in: sessionID, calls: calls, answers: answers)
                    if let call {
                        group.addTask {
                            defer { calls.remove(message.correlationID) }
                            try await run(
                                call, for: message, in: sessionID, metadata: metadata,
                                answers: answers)
                        }
                    }
                    request = try await iterator.next()
                }
            }
        }
    }

    /// Answers what can be answered at once; returns the call to run where the message asks for one.
    private func answer(
        to message: Op_Agents_V1_SessionRequest, in sessionID: String, calls: ConversationCalls,
        answers: SerializedWriter<Op_Agents_V1_SessionResponse>
    ) async throws -> RunningCall? {
        do {
            try check(message, in: sessionID)
            switch message.message {
            case .execute:
                return try calls.add(message.correlationID, executor: taskExecutor)
            case .cancel:
                // A call that is not there any more has just been answered: the two crossed.
                calls.cancel(message.correlationID)
            case .heartbeat(let heartbeat):
                try await sessions.renew(sessionID)
                try await answers.write(.with(message.correlationID) { $0.heartbeat = heartbeat })
            case nil:
                throw RPCError(
                    code: .invalidArgument,
                    message: "cannot answer the message: it holds nothing that is known here; "
                        + "send execute, cancel or heartbeat")
            }
        } catch let error as RPCError {
            try await answers.write(
                .with(message.correlationID) { $0.error = Op_Agents_V1_CallError(error) })
        }
        return nil
    }

    private func check(_ message: Op_Agents_V1_SessionRequest, in sessionID: String) throws {
        if !message.sessionID.isEmpty, message.sessionID != sessionID {
            throw RPCError(
                code: .invalidArgument,
                message: "cannot use the session \"\(message.sessionID)\" here: this stream is "
                    + "of \"\(sessionID)\"; open another stream for it")
        }
        let length = message.correlationID.utf8.count
        guard length <= Self.maxCorrelationIDBytes else {
            throw RPCError(
                code: .invalidArgument,
                message: "cannot use a correlation id of \(length) bytes: send at most "
                    + "\(Self.maxCorrelationIDBytes)")
        }
    }

    private func run(
        _ call: RunningCall, for message: Op_Agents_V1_SessionRequest, in sessionID: String,
        metadata: CallMetadata, answers: SerializedWriter<Op_Agents_V1_SessionResponse>
    ) async throws {
        let id = message.correlationID
        var request = message.execute.request
        if request.sessionID.isEmpty { request.sessionID = sessionID }
        do {
            let result: Op_Agents_V1_ExecuteResponse? = try await call.run { [executor, request] in
                guard message.execute.stream else {
                    return try await executor.execute(request, metadata: metadata)
                }
                let chunks = ChunkWriter(correlationID: id, answers: answers)
                try await executor.executeStream(
                    request, metadata: metadata, to: RPCWriter(wrapping: chunks))
                return nil
            }
            if let result { try await answers.write(.with(id) { $0.result = result }) }
        } catch {
            try Task.checkCancellation()
            try await answers.write(.with(id) { $0.error = Op_Agents_V1_CallError(error) })
        }
    }
}

/// Puts the chunks of one call on the conversation's stream.
private struct ChunkWriter: RPCWriterProtocol {
    let correlationID: String
    let answers: SerializedWriter<Op_Agents_V1_SessionResponse>

    func write(_ chunk: Op_Agents_V1_ExecuteStreamResponse) async throws {
        try await answers.write(.with(correlationID) { $0.chunk = chunk })
    }

    func write(contentsOf chunks: some Sequence<Op_Agents_V1_ExecuteStreamResponse>) async throws {
        for chunk in chunks { try await write(chunk) }
    }
}

extension Op_Agents_V1_SessionResponse {
    fileprivate static func with(
        _ correlationID: String, _ populate: (inout Self) -> Void
    ) -> Self {
        var response = Self()
        response.correlationID = correlationID
        populate(&response)
        return response
    }
}
