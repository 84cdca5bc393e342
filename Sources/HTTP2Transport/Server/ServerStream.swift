internal import GRPCCore
internal import LinuxIO
private import Synchronization

/// A call that a client makes: its request is checked, its handler runs, its deadline is kept.
///
/// Belongs to the loop's thread, but for what ``CallStream`` says.
final class ServerStream: CallStream, @unchecked Sendable {
    private let acceptor: Acceptor
    private var task: Task<Void, Never>?
    /// Counts the handler for as long as it runs, while `connection` ends with the stream.
    private var host: ServerConnection?
    private var cancellation: ServerContext.RPCCancellationHandle?
    /// When the client stops waiting.
    ///
    /// Set before the handler begins, and never changed then: any thread may read it.
    private(set) var deadline: ContinuousClock.Instant?
    private var deadlineTimer: LoopTimer?
    private var hasRequestEnded = false
    private var hasRequestHeaders = false
    private var isCancelled = false
    /// Messages may still be declared as compressed, or were.
    private let mayCompress = Atomic(false)
    /// The method, while it is being found out whether the client may call.
    private var undecided: RequestedMethod?
    /// Who calls, where that is known: set before the handler starts, which may read it on any thread.
    private(set) var peer: PeerCredentials?

    init(acceptor: Acceptor, limits: StreamLimits) {
        self.acceptor = acceptor
        super.init(loop: acceptor.loop, outbound: OutboundPipe(), limits: limits)
    }

    // MARK: From the session

    override func receiveHeadersEnd(endsStream: Bool) {
        if hasRequestHeaders {
            // Trailers of a request mean nothing in gRPC.
            if endsStream { receiveDataEnd() }
            return
        }
        hasRequestHeaders = true
        guard let connection = connection as? ServerConnection else { return }
        let decision = connection.decision(on: self)
        if case .refused(let status) = decision {
            answer(status)
            ignoreMessages()
            hasRequestEnded = endsStream
            return
        }
        let method: RequestedMethod
        do {
            method = try RequestedMethod.read(
                headers, compression: acceptor.configuration.compression,
                directMethods: acceptor.directMethods)
        } catch {
            refuse(error)
            ignoreMessages()
            hasRequestEnded = endsStream
            return
        }
        if method.isCompressed { takeCompressedMessages() }
        _ = inbound.put(.metadata(headers.metadata), debt: 0)
        if endsStream { receiveDataEnd() }
        startDeadline()
        if decision == nil {
            undecided = method
        } else {
            startHandler(of: method, on: connection)
        }
    }

    /// Goes on with a call that waited for the decision on its client.
    func didDecide(_ decision: PeerAuthorizer.Decision) {
        guard let method = undecided.take(), !isCancelled,
            let connection = connection as? ServerConnection
        else { return }
        switch decision {
        case .admitted: startHandler(of: method, on: connection)
        case .refused(let status):
            answer(status)
            ignoreMessages()
        }
    }

    override func receiveDataEnd() {
        hasRequestEnded = true
        if isCutOff {
            failedToDecode(
                Status(
                    code: .internalError,
                    message: "cannot read the request: it ends inside a message"))
        } else {
            inbound.finish(.success(()))
        }
    }

    override func failedToDecode(_ status: Status) {
        answer(status)
        cancel(RPCError(code: .cancelled, message: status.message))
    }

    override func sentEnd() -> HTTP2ErrorCode? {
        // The rest of the request would be read for nothing (RFC 9113, section 8.1).
        hasRequestEnded ? nil : .noError
    }

    override func closed(_ end: StreamEnd) {
        deadlineTimer?.cancel()
        connection = nil
        let error =
            switch end {
            case .closed: RPCError(code: .cancelled, message: "the client ended the call")
            case .connectionLost(let reason):
                RPCError(code: .cancelled, message: "the client's connection was lost: \(reason)")
            }
        outbound.close(error)
        cancel(error)
    }

    override func begin(
        _ headers: OutgoingHeaders, in session: Nghttp2Session
    ) throws(Nghttp2Session.Failure) {
        try session.submitResponse(headers, stream: self)
    }

    // MARK: The request

    private func startDeadline() {
        guard let timeout = headers.timeout else { return }
        // Before the timer's: whoever is cancelled by the one finds that the other is over.
        deadline = .now + timeout
        deadlineTimer = loop.schedule(after: timeout) { [unowned self] in
            answer(
                Status(
                    code: .deadlineExceeded,
                    message: "the call's deadline of \(timeout) has passed"))
            cancel(RPCError(code: .deadlineExceeded, message: "the call's deadline has passed"))
            // A client that reads nothing would not read the status either, behind what it has not read.
            if outbound.hasUnsentBody, let connection {
                connection.session.reset(self, .cancel)
                connection.flushLater()
            }
        }
    }

    private func startHandler(of method: RequestedMethod, on connection: ServerConnection) {
        let (descriptor, directHandler) = (method.descriptor, method.directHandler)
        guard let handler = acceptor.handler else { return }
        let (remotePeer, localPeer) = (connection.remotePeer, connection.localPeer)
        let compression = acceptor.configuration.compression
        mayCompress.store(headers.acceptsGzip && compression.enablesGzip, ordering: .relaxed)
        responseCompression = compression.defaultAlgorithm
        peer = connection.peer
        host = connection
        connection.handlerDidStart(descriptor)
        task = Task(executorPreference: loop) { [self] in
            await withServerContextRPCCancellationHandle { handle in
                setCancellation(handle)
                var context = ServerContext(
                    descriptor: descriptor, remotePeer: remotePeer, localPeer: localPeer,
                    cancellation: handle)
                context.transportSpecific = HTTP2ServerTransport.Context(stream: self)
                if let directHandler {
                    await answer(with: directHandler, context: context)
                    return
                }
                await handler(
                    RPCStream(
                        descriptor: descriptor,
                        inbound: RPCAsyncSequence(wrapping: RequestParts(stream: self)),
                        outbound: RPCWriter.Closable(wrapping: ResponseWriter(stream: self))),
                    context)
            }
            onLoop { _ in self.handlerDidEnd(of: descriptor) }
        }
    }

    private func setCancellation(_ handle: ServerContext.RPCCancellationHandle) {
        onLoop { [self] _ in
            cancellation = handle
            if isCancelled { handle.cancel() }
        }
    }

    private func handlerDidEnd(of descriptor: MethodDescriptor) {
        task = nil
        cancellation = nil
        // Does nothing where the handler has answered, as every handler does.
        answer(Status(code: .internalError, message: "the handler ended without an answer"))
        host?.handlerDidEnd(descriptor)
        host = nil
    }

    // MARK: The answer

    private func answer(_ status: Status, metadata: Metadata = [:]) {
        try? finish(status, metadata: metadata)
    }

    private func refuse(_ refusal: RequestedMethod.Refusal) {
        switch refusal {
        case .status(let status, let metadata):
            answer(status, metadata: metadata)
        case .http(let status):
            if let written = try? outbound.finish({ _ in (.alone(.httpError(status)), .plain) }) {
                flush(written)
            }
        }
    }

    /// How messages are written from now on.
    ///
    /// Set to gzip it has no effect where the client does not accept that, or once the metadata was written without it.
    var responseCompression: CompressionAlgorithm {
        get { compressesMessages ? .gzip : .none }
        set { compressesMessages = newValue == .gzip && mayCompress.load(ordering: .relaxed) }
    }

    func write(_ metadata: Metadata) throws(RPCError) {
        let isCompressed = compressesMessages
        // What is not declared now cannot be compressed later.
        if !isCompressed { mayCompress.store(false, ordering: .relaxed) }
        flush(
            try outbound.putHead(
                .withBody(.response(metadata: metadata, isCompressed: isCompressed))))
    }

    /// Ends the response, without the metadata where that cannot travel; only the first end counts.
    func end(_ status: Status, _ metadata: Metadata) throws(RPCError) {
        do {
            try finish(status, metadata: metadata)
        } catch  where error.code == .internalError || error.code == .resourceExhausted {
            try finish(
                Status(code: Status.Code(error.code), message: error.message), metadata: [:])
        }
    }

    fileprivate func finish(_ status: Status, metadata: Metadata) throws(RPCError) {
        let written = try outbound.finish { (hasHead) throws(RPCError) in
            let trailers = try OutgoingHeaders.trailers(
                status, metadata: metadata, startsResponse: !hasHead)
            return hasHead ? (nil, .trailers(trailers)) : (.alone(trailers), .plain)
        }
        flush(written)
    }

    private func cancel(_ error: RPCError) {
        isCancelled = true
        deadlineTimer?.cancel()
        inbound.finish(.failure(error))
        cancellation?.cancel()
        task?.cancel()
    }
}

/// Writes a response.
struct ResponseWriter: ClosableRPCWriterProtocol {
    typealias Element = RPCResponsePart<[UInt8]>

    let stream: ServerStream

    func write(_ part: Element) async throws {
        switch part {
        case .metadata(let metadata):
            try stream.write(metadata)
        case .message(let message):
            try await stream.follow(stream.put(message))
        case .status(let status, let metadata):
            try stream.end(status, metadata)
        }
    }

    func write(contentsOf parts: some Sequence<Element>) async throws {
        for part in parts { try await write(part) }
    }

    func finish() async {}

    func finish(throwing error: any Error) async {
        try? stream.finish(
            Status(code: .unknown, message: "the handler failed to answer: \(error)"), metadata: [:]
        )
    }
}
