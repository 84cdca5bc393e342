public import GRPCCore

extension HTTP2ClientTransport {
    /// Makes a unary call, from the bytes of its request to the bytes of its response, without GRPCCore's
    /// client between.
    ///
    /// It costs a fraction of the same call through a `GRPCClient`, with the same outcome, but for what follows. Of
    /// the options, `executionPolicy` is not looked at: the call is made once (but for what the server did not
    /// process, which the transport sends again). Interceptors of a `GRPCClient` do not see it. What GRPCCore's
    /// client throws is an error of the response: DEADLINE_EXCEEDED where the time of its options is over, and
    /// FAILED_PRECONDITION in place of its `RuntimeError` once the transport is shut down.
    ///
    /// - Parameters:
    ///   - request: The message and its metadata.
    ///   - descriptor: The method.
    ///   - options: Timeout, limits, compression, and whether it waits for a connection.
    /// - Returns: The response, or the error that the call ended with. A call whose task is cancelled ends with
    ///   CANCELLED, and the server is told.
    public func unary(
        request: ClientRequest<[UInt8]>, descriptor: MethodDescriptor,
        options: CallOptions = .defaults
    ) async -> ClientResponse<[UInt8]> {
        var descriptor = descriptor
        descriptor.type = .unary
        do {
            var (request, options) = (request, options)
            if let config = config(forMethod: descriptor) { options.complete(from: config) }
            if let timeout = options.timeout {
                // The transport keeps the deadline that the metadata says.
                request.metadata.callTimeout = timeout
                options.timeout = nil
            }
            let stream = try makeStream(descriptor: descriptor, options: options)
            defer { stream.abandon() }
            try stream.send(request)
            return try await stream.wholeResponse()
        } catch {
            return ClientResponse(accepted: .failure(RPCError(mapping: error)))
        }
    }

    /// Makes a unary call whose messages have types, as ``unary(request:descriptor:options:)``.
    ///
    /// - Parameters:
    ///   - request: The message and its metadata.
    ///   - descriptor: The method.
    ///   - serializer: Writes the request.
    ///   - deserializer: Reads the response.
    ///   - options: Timeout, limits, compression, and whether it waits for a connection.
    /// - Returns: The response, or the error that the call ended with, a serializer's too.
    public func unary<Request, Response>(
        request: ClientRequest<Request>, descriptor: MethodDescriptor,
        serializer: some MessageSerializer<Request>,
        deserializer: some MessageDeserializer<Response>,
        options: CallOptions = .defaults
    ) async -> ClientResponse<Response> {
        let message: [UInt8]
        do {
            message = try serializer.serialize(request.message)
        } catch {
            return ClientResponse(
                error: RPCError(converting: error)
                    ?? RPCError(
                        code: .unknown, message: "cannot write the request: \(error)", cause: error)
            )
        }
        let response = await unary(
            request: ClientRequest(message: message, metadata: request.metadata),
            descriptor: descriptor, options: options)
        switch response.accepted {
        case .success(let contents): return ClientResponse(contents, readBy: deserializer)
        case .failure(let error): return ClientResponse(error: error)
        }
    }
}

extension ClientResponse {
    /// A response whose message is read now.
    ///
    /// What a deserializer throws becomes what GRPCCore's client makes of it.
    fileprivate init(
        _ contents: ClientResponse<[UInt8]>.Contents,
        readBy deserializer: some MessageDeserializer<Message>
    ) {
        do {
            self.init(
                message: try deserializer.deserialize(contents.message.get()),
                metadata: contents.metadata, trailingMetadata: contents.trailingMetadata)
        } catch {
            if let error = RPCError(converting: error) {
                self.init(metadata: contents.metadata, error: error)
            } else {
                self.init(error: RPCError(code: .unknown, message: "\(error)", cause: error))
            }
        }
    }
}

extension CallOptions {
    /// Takes what is not set, as a `GRPCClient` does.
    fileprivate mutating func complete(from config: MethodConfig) {
        timeout = timeout ?? config.timeout
        waitForReady = waitForReady ?? config.waitForReady
        maxRequestMessageBytes = maxRequestMessageBytes ?? config.maxRequestMessageBytes
        maxResponseMessageBytes = maxResponseMessageBytes ?? config.maxResponseMessageBytes
    }
}

extension ClientStream {
    /// Sends a whole request, in one write.
    fileprivate func send(_ request: ClientRequest<[UInt8]>) throws(RPCError) {
        startDeadline(request.metadata)
        // What waits for its end asks for no flush before that.
        _ = try outbound.putHead(.withBody(requestHeaders(request.metadata)))
        _ = try put(request.message)
        flush(try outbound.finish { _ in (nil, .plain) })
        open()
    }

    /// Reads a response of one message, and judges others as GRPCCore's `ClientResponse(stream:)` does.
    fileprivate func wholeResponse() async throws -> ClientResponse<[UInt8]> {
        let metadata: Metadata
        switch try await nextPart() {
        case .metadata(let initial)?: metadata = initial
        case .status(let status, let trailing)?:
            return ClientResponse(
                error: RPCError(status: status, metadata: trailing) ?? Self.wrongNumberOfMessages)
        case .message?, .compressedMessage?, nil:
            throw RPCError(
                code: .internalError, message: "cannot read the response: it has no metadata")
        }
        do {
            var message: [UInt8]?
            var messages = 0
            // A failure that follows a second message is still told, and one that follows a third is not.
            while messages < 3, let part = try await nextPart() {
                if case .status(let status, let trailing) = part {
                    if let error = RPCError(status: status, metadata: trailing) { throw error }
                    guard messages == 1, let message else { break }
                    return ClientResponse(
                        message: message, metadata: metadata, trailingMetadata: trailing)
                }
                message = try wholeMessage(part)
                messages += 1
            }
            return ClientResponse(error: Self.wrongNumberOfMessages)
        } catch {
            return ClientResponse(metadata: metadata, error: RPCError(mapping: error))
        }
    }

    private static let wrongNumberOfMessages = RPCError(
        code: .unimplemented,
        message: "cannot read the response: the method answers with one message, and the server "
            + "with none or several; see whether both mean the same method")
}
