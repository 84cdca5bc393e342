internal import GRPCCore
internal import LinuxIO
private import Synchronization

/// A stream that carries one call, on either side: messages cut out of bytes, credit returned as they
/// are taken, writers woken as they are sent.
///
/// Sendable by confinement: readers and writers on other threads touch only the two pipes, which lock,
/// and `loop`; everything else belongs to the loop's thread.
class CallStream: SessionStream, @unchecked Sendable {
    final let loop: EventLoop
    final let inbound: InboundPipe
    final let outbound: OutboundPipe
    /// Set while it is open.
    ///
    /// The session owns its streams, so this cycle ends with the stream.
    final var connection: Connection?
    /// The block that is arriving.
    ///
    /// Unchecked, for speed, since each field passes here: no access to it calls anything that could begin another one.
    @exclusivity(unchecked) final var headers = IncomingHeaders()

    private var decoder: MessageDecoder
    private let maximumMessageSize: Int
    private let maximumSentMessageSize: Int
    private let isCompressing: Atomic<Bool>
    private let decompressions = Atomic(0)
    /// Credit returned for the message that is arriving.
    private var advance = 0
    /// Bytes of the message that is arriving.
    private var arriving = 0
    /// Messages that arrive are of no use to anybody.
    private var ignoresMessages = false

    init(
        loop: EventLoop, outbound: OutboundPipe, limits: StreamLimits,
        compressesMessages: Bool = false
    ) {
        self.loop = loop
        self.outbound = outbound
        isCompressing = Atomic(compressesMessages)
        maximumMessageSize = limits.maximumMessageSize
        maximumSentMessageSize = limits.maximumSentMessageSize
        inbound = InboundPipe(streamWindow: Int(limits.streamWindow))
        decoder = MessageDecoder(maximumLength: limits.maximumMessageSize)
    }

    // MARK: From the session

    override final func receiveHeadersStart() {
        headers = IncomingHeaders()
    }

    override final func receiveHeader(
        name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer
    ) -> Bool {
        if headers.size <= StreamLimits.maximumHeaderListSize {
            headers.add(name: name, value: value)
            return true
        }
        // What is over the limit is counted and not kept; the end of the block refuses it.
        headers.size += name.count + value.count + 32
        if headers.size <= StreamLimits.endlessHeaderListSize { return true }
        headersAreEndless()
        return false
    }

    override final func receiveData(_ bytes: UnsafeRawBufferPointer) {
        guard !ignoresMessages else {
            connection?.credit(bytes.count, to: self)
            return
        }
        var credit = 0
        arriving += bytes.count
        do {
            try decoder.decode(bytes) { message, isCompressed in
                let size = message.count + MessageDecoder.prefixLength
                credit += inbound.put(
                    isCompressed ? .compressedMessage(message) : .message(message),
                    debt: size - advance)
                arriving -= size
                advance = 0
            }
        } catch {
            ignoresMessages = true
            connection?.credit(bytes.count, to: self)
            failedToDecode(Self.status(of: error))
            return
        }
        credit += creditForArriving()
        if credit > 0 { connection?.credit(credit, to: self) }
    }

    override final func nextBody(upTo limit: Int) -> BodyRead {
        outbound.next(upTo: limit)
    }

    override final func takeBody(_ count: Int, into output: inout [UInt8]) {
        outbound.take(count, into: &output)
    }

    // MARK: For the two sides

    /// The block of header fields is so long that its end is not waited for: the stream is being reset.
    func headersAreEndless() {}

    /// The peer's bytes make no messages: it is told, and the call ends.
    func failedToDecode(_ status: Status) {}

    /// The body ended inside a message.
    final var isCutOff: Bool { decoder.isInMessage }

    /// Messages that arrive may be in gzip.
    final func takeCompressedMessages() { decoder.takesCompressed = true }

    /// Nothing that arrives from now on is of use.
    final func ignoreMessages() { ignoresMessages = true }

    /// Submits what the call has written.
    final func submit(to session: Nghttp2Session) throws(Nghttp2Session.Failure) {
        switch outbound.submission() {
        case .nothing: break
        case .resume: session.resume(self)
        case .begin(.withBody(let headers)): try begin(headers, in: session)
        case .begin(.alone(let headers)):
            try session.submitResponseWithoutBody(headers, stream: self)
        }
    }

    /// The connection is gone, and the session never knew of the stream.
    func connectionEndedBeforeSubmission(reason: String) {}

    /// Opens or answers the stream.
    func begin(
        _ headers: OutgoingHeaders, in session: Nghttp2Session
    ) throws(Nghttp2Session.Failure) {}

    // MARK: From readers and writers, on any thread

    /// Messages are written in gzip from now on.
    final var compressesMessages: Bool {
        get { isCompressing.load(ordering: .relaxed) }
        set { isCompressing.store(newValue, ordering: .relaxed) }
    }

    /// How many messages were decompressed.
    final var decompressedMessages: Int { decompressions.load(ordering: .relaxed) }

    /// The next part, once there is one.
    final func next() async throws -> InboundPart? {
        follow(try await inbound.next())
    }

    /// The next part, where one has arrived or the end has come; nil where it has to be waited for.
    ///
    /// Costs less than ``next()``, which a whole unary call would pass through three times.
    final func readyPart() throws -> InboundPart?? {
        try inbound.takeReady().map(follow)
    }

    /// Returns the credit of what a reader took.
    private func follow(_ taken: InboundPipe.Taken) -> InboundPart? {
        if taken.credit > 0 || taken.releasesHold {
            onLoop { stream in
                var credit = taken.credit
                if taken.releasesHold { credit += stream.creditForArriving() }
                stream.connection?.credit(credit, to: stream)
            }
        }
        return taken.part
    }

    /// Decompresses a message that was taken.
    ///
    /// - Throws: `RPCError` where it cannot be read; the call ends with that.
    final func decompress(_ message: [UInt8]) throws(RPCError) -> [UInt8] {
        do {
            let decompressed = try Gzip.decompress(message, limit: maximumMessageSize)
            decompressions.add(1, ordering: .relaxed)
            return decompressed
        } catch {
            let error = Self.error(of: error)
            onLoop { stream in
                stream.ignoreMessages()
                stream.failedToDecode(
                    Status(code: Status.Code(error.code), message: error.message))
            }
            throw error
        }
    }

    /// Writes a message, compressed where that is wanted and makes it smaller.
    final func put(_ message: [UInt8]) throws(RPCError) -> OutboundPipe.Written {
        guard message.count <= maximumSentMessageSize else {
            throw RPCError(
                code: .resourceExhausted,
                message: "cannot send a message of \(message.count) bytes: the limit is "
                    + "\(maximumSentMessageSize); send less, or stream it in pieces")
        }
        guard compressesMessages, let compressed = Gzip.compress(message) else {
            return try outbound.put(message: message)
        }
        return try outbound.put(message: compressed, isCompressed: true)
    }

    /// Follows up on a write.
    final func follow(_ written: OutboundPipe.Written) async throws {
        flush(written)
        if written.mustWait { try await outbound.waitForRoom() }
    }

    /// Follows up on a write that need not wait.
    final func flush(_ written: OutboundPipe.Written) {
        guard written.needsFlush else { return }
        onLoop { $0.connection?.flushLater($0) }
    }

    /// Runs a body on the loop: at once where this is its thread.
    ///
    /// Inlined, so that the closure is allocated only where it has to travel.
    @inline(__always)
    final func onLoop(_ body: @escaping @Sendable (CallStream) -> Void) {
        if loop.isCurrent { body(self) } else { loop.execute { body(self) } }
    }

    /// A message that is larger than the window arrives only if credit for it is returned before it is
    /// complete; that happens while the reader keeps up.
    private func creditForArriving() -> Int {
        let credit = arriving - advance
        guard credit > 0, inbound.isDrained() else { return 0 }
        advance += credit
        return credit
    }

    private static func status(of failure: MessageDecoder.Failure) -> Status {
        switch failure {
        case .undeclaredCompression:
            Status(
                code: .internalError,
                message: "cannot read a message: it is compressed, and no compression that is "
                    + "enabled here was declared")
        case .badFlag(let flag):
            Status(
                code: .internalError,
                message: "cannot read a message: its compression flag is \(flag), not 0 or 1")
        case .tooLong(let length, let limit):
            Status(
                code: .resourceExhausted,
                message:
                    "cannot read a message of \(length) bytes: the limit is \(limit); send less, "
                    + "or stream it in pieces")
        }
    }

    private static func error(of failure: Gzip.Failure) -> RPCError {
        switch failure {
        case .malformed:
            RPCError(
                code: .internalError,
                message: "cannot read a message: it was declared as gzip and is not, or is damaged")
        case .tooLong(let limit):
            RPCError(
                code: .resourceExhausted,
                message:
                    "cannot read a message that has over \(limit) bytes, the limit, once it is "
                    + "decompressed; send less, or stream it in pieces")
        }
    }
}

/// What a stream may hold.
struct StreamLimits: Sendable {
    /// Bytes of one message that arrives.
    var maximumMessageSize: Int
    /// Bytes of one message that is sent, before it is compressed: what a prefix can say, or less.
    var maximumSentMessageSize = Int(UInt32.max)
    /// Bytes that the peer may send before some were taken.
    let streamWindow: Int32

    /// - Parameters:
    ///   - maximumMessageSize: Bytes of one message that arrives.
    ///   - streamWindow: Bytes that the peer may send before some were taken, made to fit what HTTP/2 can say.
    init(maximumMessageSize: Int, streamWindow: Int) {
        self.maximumMessageSize = maximumMessageSize
        self.streamWindow = Int32(clamping: max(streamWindow, 1))
    }

    /// Bytes of header fields in one block.
    ///
    /// A longer one is answered with RESOURCE_EXHAUSTED.
    static let maximumHeaderListSize = 16 << 10
    /// Bytes of header fields after which no end of the block is waited for: a few bytes on the wire can
    /// stand for very many ("HPACK bomb").
    static let endlessHeaderListSize = 64 << 10
}
