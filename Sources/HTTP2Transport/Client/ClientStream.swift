internal import GRPCCore
internal import LinuxIO

/// A call that this side makes: waits for a connection, is sent, answered, and sent again where the
/// server never processed it.
///
/// Belongs to the loop's thread, but for what ``CallStream`` says and the constants.
final class ClientStream: CallStream, @unchecked Sendable {
    private let connector: Connector
    private let descriptor: MethodDescriptor
    private let authority: String
    /// Waits for a connection, however long it takes.
    let waitsForReady: Bool
    /// The caller keeps its deadline itself.
    private let hasOwnClock: Bool
    private var deadlineTimer: LoopTimer?
    private var hasResponseHeaders = false
    private var isDone = false
    private var replays = 0

    /// Times that a call which the server did not process is sent again.
    private static let maximumReplays = 5

    init(
        descriptor: MethodDescriptor, options: CallOptions, authority: String, connector: Connector
    ) {
        self.descriptor = descriptor
        self.authority = authority
        self.connector = connector
        waitsForReady = options.waitForReady ?? false
        hasOwnClock = options.timeout != nil
        var limits = connector.limits
        if let limit = options.maxResponseMessageBytes { limits.maximumMessageSize = limit }
        if let limit = options.maxRequestMessageBytes {
            limits.maximumSentMessageSize = min(limit, limits.maximumSentMessageSize)
        }
        // A request of one message leaves in one write, with the end of the stream.
        let isStreaming = descriptor.type?.isRequestStreaming ?? true
        super.init(
            loop: connector.loop,
            outbound: OutboundPipe(waitsForEnd: !isStreaming, keepsForReplay: true), limits: limits,
            compressesMessages: connector.configuration.compression.usesGzip(
                for: options.compression))
    }

    // MARK: From the caller, on any thread

    func open() {
        onLoop { [self] _ in
            // It may have been given up on the loop's thread before this came there.
            if !isDone { connector.open(self) }
        }
    }

    /// The caller wants nothing more of it.
    func abandon() {
        onLoop { [self] _ in
            deadlineTimer?.cancel()
            let end = RPCError(code: .cancelled, message: "the call has ended")
            if !isDone { inbound.finish(.failure(end)) }
            isDone = true
            outbound.close(end)
            // A stream whose both sides have ended is closed, and has no connection; one that is given up has none from now
            // on, so that a flush that is due passes it over.
            if let connection = connection.take(), connection.isOpen, id > 0 {
                connection.session.reset(self, .cancel)
                connection.flushLater()
            } else {
                connector.cancel(self)
            }
        }
    }

    func requestHeaders(_ metadata: Metadata) throws(RPCError) -> OutgoingHeaders {
        try OutgoingHeaders.request(
            descriptor, authority: authority, metadata: metadata,
            isCompressed: compressesMessages,
            acceptsCompressed: connector.configuration.compression.enablesGzip)
    }

    /// Keeps the deadline that the metadata tells the server, where nobody else does.
    func startDeadline(_ metadata: Metadata) {
        guard !hasOwnClock, let timeout = metadata.callTimeout else { return }
        onLoop { [self] _ in
            guard !isDone else { return }
            deadlineTimer = loop.schedule(after: timeout) { [unowned self] in
                fail(
                    RPCError(
                        code: .deadlineExceeded,
                        message: "cannot get an answer from \(connector.target) within \(timeout); "
                            + "give the call more time"))
                abandon()
            }
        }
    }

    // MARK: From the connector

    func attach(to connection: ClientConnection) {
        guard !isDone else { return }
        self.connection = connection
        connection.flushLater(self)
    }

    func fail(_ error: RPCError) {
        guard !isDone else { return }
        isDone = true
        inbound.finish(.failure(error))
        outbound.close(error)
    }

    // MARK: From the session

    override func begin(
        _ headers: OutgoingHeaders, in session: Nghttp2Session
    ) throws(Nghttp2Session.Failure) {
        guard let connection = connection as? ClientConnection else { return }
        guard connection.isRetired else {
            try session.submitRequest(headers, stream: self)
            connection.callDidBegin()
            if id >= connector.configuration.lastStreamID { connection.takeNoMoreCalls() }
            return
        }
        // The server has gone away since the call was put on this connection, and nothing of it has left.
        self.connection = nil
        if outbound.rewind() {
            connector.open(self)
        } else {
            fail(RPCError(code: .unavailable, message: "the server goes away; call again"))
        }
    }

    override func receiveHeadersEnd(endsStream: Bool) {
        if let status = headers.httpStatus, (100..<200).contains(status) { return }
        outbound.forgetSent()
        guard headers.size <= StreamLimits.maximumHeaderListSize else {
            headersAreEndless()
            return
        }
        if endsStream {
            let status = trailingStatus
            if status.code == .ok, isCutOff {
                end(
                    Status(
                        code: .internalError,
                        message: "cannot read the response: it ends inside a message"))
            } else {
                end(status, metadata: headers.metadata)
            }
        } else if hasResponseHeaders {
            end(
                Status(
                    code: .internalError,
                    message: "cannot read the response: its trailers do not end it"))
        } else if headers.httpStatus != 200 || !headers.isGRPC {
            end(StatusMapping.status(httpStatus: headers.httpStatus))
        } else {
            hasResponseHeaders = true
            // Any other compression is an error with the first message that is compressed.
            if headers.encoding == "gzip", connector.configuration.compression.enablesGzip {
                takeCompressedMessages()
            }
            _ = inbound.put(.metadata(headers.metadata), debt: 0)
        }
    }

    override func headersAreEndless() {
        end(
            Status(
                code: .resourceExhausted,
                message: "cannot read the response: its header fields have over "
                    + "\(StreamLimits.maximumHeaderListSize) bytes; answer with less metadata"))
    }

    override func receiveDataEnd() {
        end(
            Status(
                code: .internalError, message: "cannot read the response: it ends without a status")
        )
    }

    override func failedToDecode(_ status: Status) {
        end(status)
    }

    override func closed(_ end: StreamEnd) {
        connection = nil
        guard !isDone else { return }
        switch end {
        case .closed(.refusedStream):
            replay()
        case .closed(let code):
            self.end(StatusMapping.status(code))
        case .connectionLost(let reason):
            fail(
                RPCError(
                    code: .unavailable, message: "the connection to the server was lost: \(reason)")
            )
        }
    }

    override func connectionEndedBeforeSubmission(reason: String) {
        connection = nil
        guard !isDone else { return }
        // Nothing of it has left.
        connector.open(self)
    }

    // MARK: The outcome

    private var trailingStatus: Status {
        if let code = headers.grpcStatus {
            // A code that gRPC does not know is UNKNOWN.
            return Status(
                code: Status.Code(rawValue: code) ?? .unknown, message: headers.grpcMessage)
        }
        if !hasResponseHeaders, headers.httpStatus != 200 {
            return StatusMapping.status(httpStatus: headers.httpStatus)
        }
        return Status(
            code: .unknown, message: "cannot read the response: it ends without a status")
    }

    /// Ends the call for the caller; the stream itself ends when both sides have.
    private func end(_ status: Status, metadata: Metadata = [:]) {
        guard !isDone else { return }
        isDone = true
        ignoreMessages()
        _ = inbound.put(.status(status, metadata), debt: 0)
        inbound.finish(.success(()))
        outbound.close(
            RPCError(code: .cancelled, message: "cannot write: the server has answered"))
    }

    /// The server has not looked at it: it may be sent again without harm (gRFC A6, "Transparent Retries").
    private func replay() {
        guard !hasResponseHeaders, replays < Self.maximumReplays, outbound.rewind() else {
            end(StatusMapping.status(.refusedStream))
            return
        }
        replays += 1
        id = 0
        connector.open(self)
    }
}

/// Writes a request.
struct RequestWriter: ClosableRPCWriterProtocol {
    typealias Element = RPCRequestPart<[UInt8]>

    let stream: ClientStream

    func write(_ part: Element) async throws {
        switch part {
        case .metadata(let metadata):
            let headers = try stream.requestHeaders(metadata)
            let written = try stream.outbound.putHead(.withBody(headers))
            // Only now, as it can be written once.
            stream.startDeadline(metadata)
            stream.flush(written)
        case .message(let message):
            try await stream.follow(stream.put(message))
        }
    }

    func write(contentsOf parts: some Sequence<Element>) async throws {
        for part in parts { try await write(part) }
    }

    func finish() async {
        // Throws only where the stream is closed already.
        if let written = try? stream.outbound.finish({ _ in (nil, .plain) }) {
            stream.flush(written)
        }
    }

    func finish(throwing error: any Error) async {
        // A writer that was cancelled with its call reports what that made it throw.
        let reason =
            Task.isCancelled
            ? RPCError(code: .cancelled, message: "the call was cancelled", cause: error)
            : RPCError(error)
                ?? RPCError(
                    code: .unknown, message: "the request was given up: \(error)", cause: error)
        // The request is incomplete: it must not look complete to the server.
        stream.onLoop { _ in stream.fail(reason) }
        stream.abandon()
    }
}

extension RPCError {
    /// The error itself, where it is one.
    fileprivate init?(_ error: any Error) {
        guard let error = error as? RPCError else { return nil }
        self = error
    }
}
