internal import GRPCCore
internal import LinuxIO

/// A socket with an HTTP/2 session on it.
///
/// Belongs to the loop's thread.
class Connection: SessionDelegate, Flushable {
    final let loop: EventLoop
    private let role: Nghttp2Session.Role
    private let settings: Nghttp2Session.Settings
    private var descriptor: OwnedDescriptor?
    private var watch: Watch?
    private(set) final lazy var session = Nghttp2Session(
        role: role, settings: settings, delegate: self)

    /// Bytes that the socket had no room for.
    ///
    /// Unchecked, for speed, as are the streams: every call passes here, and nothing that is called during an access
    /// could begin another one.
    @exclusivity(unchecked) private var output: [UInt8] = []
    private var outputHead = 0
    @exclusivity(unchecked) private var dirtyStreams: [CallStream] = []
    private var isFlushScheduled = false
    private var isReading = true
    private var awaitsRoom = false
    /// Why it ends, once everything was sent.
    private var lingering: String?

    final var timers = ConnectionTimers()
    private var probe: LivenessProbe?
    private let idleTimeout: Duration?
    /// Times that something was received, and calls that began: a timer that fires compares them with what
    /// they were, so that neither costs a look at the clock.
    private var receipts: UInt64 = 0
    private var calls: UInt64 = 0

    /// When so many streams have output, it is sent before others get their turn: the peer works on it
    /// meanwhile, where both sides would otherwise take turns with batches of all calls.
    private static let pipelinedStreams = 32

    /// Bytes collected for one write.
    private static let outputChunk = 256 << 10

    init(
        _ descriptor: consuming OwnedDescriptor, role: Nghttp2Session.Role,
        settings: Nghttp2Session.Settings, keepalive: Keepalive? = nil,
        idleTimeout: Duration? = nil, loop: EventLoop
    ) {
        self.descriptor = consume descriptor
        self.role = role
        self.settings = settings
        probe = keepalive.map(LivenessProbe.init)
        self.idleTimeout = idleTimeout
        self.loop = loop
    }

    final var isOpen: Bool { descriptor != nil }

    /// The socket, to ask about; nil once it is closed.
    final var socket: CInt? { descriptor?.rawValue }

    /// Whether streams can still be opened and answered.
    private var isUsable: Bool { descriptor != nil && lingering == nil }

    /// Begins to read, and sends what the session begins with.
    final func start() throws(SystemError) {
        guard let fd = descriptor?.rawValue else { return }
        watch = try loop.watch(fd, for: .readable) { [unowned self] in ready($0) }
        if let delay = probe?.connectionDidBegin() { scheduleProbe(after: delay) }
        watchForIdleness()
        flushLater()
    }

    /// Closes the socket and tells all streams.
    final func close(reason: String) {
        guard descriptor != nil else { return }
        watch?.cancel()
        watch = nil
        descriptor = nil
        timers.cancel()
        endStreams(reason: reason)
        didClose(reason: reason)
    }

    /// Tells the peer why it ends (GOAWAY), and closes once that was read.
    ///
    /// - Parameters:
    ///   - code: What is wrong.
    ///   - reason: For the peer's log and the streams.
    final func end(_ code: HTTP2ErrorCode, because reason: String) {
        guard isUsable else { return }
        session.goAway(code, because: reason)
        try? send()
        linger(reason: reason)
    }

    /// Closes once the peer has read what was sent.
    ///
    /// To close a socket while something of the peer's is unread would reset the connection, and with that
    /// discard what the peer has not read yet (RFC 9112, section 9.6).
    private func linger(reason: String) {
        guard lingering == nil, let fd = descriptor?.rawValue else { return }
        lingering = reason
        timers.cancel()
        endStreams(reason: reason)
        Socket.endSending(on: fd)
        isReading = true
        awaitsRoom = false
        updateWatch()
        timers.linger = loop.schedule(after: Self.lingerTimeout) { [unowned self] in
            close(reason: reason)
        }
    }

    /// How long a peer may take to read the rest and close its side.
    private static let lingerTimeout = Duration.seconds(1)

    private func endStreams(reason: String) {
        // Streams that the session never knew; it tells the others itself.
        let unsubmitted = dirtyStreams.filter { $0.connection === self && $0.id == 0 }
        dirtyStreams = []
        willEnd()
        session.loseStreams(reason: reason)
        for stream in unsubmitted { stream.connectionEndedBeforeSubmission(reason: reason) }
    }

    /// Asks the peer to use it no more, and ends it once its calls have.
    func drain() {}

    /// The connection takes no stream any more.
    func willEnd() {}

    /// The connection is gone, and its streams have been told.
    func didClose(reason: String) {}

    // MARK: Output

    /// Has a stream's output sent at the end of the loop's turn.
    final func flushLater(_ stream: CallStream) {
        guard isUsable else {
            stream.connectionEndedBeforeSubmission(reason: "it was closed")
            return
        }
        dirtyStreams.append(stream)
        flushLater()
        if dirtyStreams.count == Self.pipelinedStreams { loop.flushSoon() }
    }

    /// Has the session's output sent at the end of the loop's turn.
    final func flushLater() {
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        loop.flushLater(self)
    }

    final func flush() {
        isFlushScheduled = false
        guard isUsable else { return }
        do {
            // A stream may be opened only after another one was submitted, so by index.
            var next = 0
            while next < dirtyStreams.count {
                let stream = dirtyStreams[next]
                // It may have been closed, or moved to another connection, since it asked.
                if stream.connection === self { try stream.submit(to: session) }
                next += 1
            }
            dirtyStreams.removeAll(keepingCapacity: true)
            try send()
            if outputHead == output.count, session.isOver {
                linger(reason: session.complaint ?? "it was shut down")
            }
        } catch let error as Nghttp2Session.Failure {
            close(reason: error.description)
        } catch {
            close(reason: "\(error)")
        }
    }

    /// Returns flow-control credit.
    final func credit(_ count: Int, to stream: CallStream) {
        guard isOpen, stream.id > 0, count > 0 else { return }
        session.credit(count, to: stream)
        flushLater()
    }

    private func send() throws {
        guard let fd = descriptor?.rawValue else { return }
        while true {
            if outputHead == output.count {
                output.removeAll(keepingCapacity: output.capacity <= Self.outputChunk * 2)
                outputHead = 0
                try session.write(to: &output, upTo: Self.outputChunk)
                if output.isEmpty {
                    awaitsRoom = false
                    updateWatch()
                    return
                }
            }
            let sent = try output.withUnsafeBytes { bytes in
                try Socket.send(UnsafeRawBufferPointer(rebasing: bytes[outputHead...]), to: fd)
            }
            outputHead += sent
            if outputHead < output.count {
                awaitsRoom = true
                updateWatch()
                return
            }
        }
    }

    // MARK: Input

    /// Leaves what the peer sends in the socket until ``resumeReading()``, but for what has been read already.
    final func pauseReading() {
        isReading = false
        updateWatch()
    }

    final func resumeReading() {
        isReading = true
        updateWatch()
    }

    private func updateWatch() {
        var interest: Readiness = isReading ? .readable : []
        if awaitsRoom { interest.insert(.writable) }
        watch?.update(interest)
    }

    private func ready(_ readiness: Readiness) {
        if readiness.contains(.readable) || !readiness.isDisjoint(with: .hungUp) { read() }
        if readiness.contains(.writable) { flushLater() }
    }

    private func read() {
        guard let fd = descriptor?.rawValue else { return }
        do {
            let count = try withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) {
                buffer in
                let count = try Socket.receive(from: fd, into: buffer)
                receipts &+= 1
                if let count, count > 0, lingering == nil {
                    try session.receive(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                }
                return count
            }
            if count == 0 {
                close(reason: lingering ?? endByPeer ?? "the peer closed it")
            } else {
                flushLater()
            }
        } catch let error as Nghttp2Session.Failure {
            // The session has a GOAWAY to say why.
            try? send()
            linger(reason: session.complaint ?? error.description)
        } catch {
            close(reason: lingering ?? endByPeer ?? "\(error)")
        }
    }

    /// What the peer had to say before it ended the connection, in whichever way.
    private var endByPeer: String? {
        session.peersComplaint.map { "the peer ended it with \($0)" }
    }

    // MARK: Time

    /// Notes that a call begins.
    final func callDidBegin() {
        calls &+= 1
        if let delay = probe?.callDidBegin(received: receipts) { scheduleProbe(after: delay) }
    }

    private func scheduleProbe(after delay: Duration) {
        guard isUsable else { return }
        timers.keepalive = loop.schedule(after: delay) { [unowned self] in stepProbe() }
    }

    private func stepProbe() {
        switch probe?.step(received: receipts, hasCalls: session.hasStreams) {
        case .wait(let delay):
            scheduleProbe(after: delay)
        case .ping(let delay):
            session.ping()
            flushLater()
            scheduleProbe(after: delay)
        case .giveUp:
            close(reason: "the peer did not answer a PING in time; it is stopped, stuck or cut off")
        case .rest, nil: break
        }
    }

    private func watchForIdleness() {
        guard let idleTimeout else { return }
        let calls = calls
        timers.idle = loop.schedule(after: idleTimeout) { [unowned self] in
            if calls == self.calls, !session.hasStreams { drain() } else { watchForIdleness() }
        }
    }

    // MARK: SessionDelegate

    func sessionWillOpenStream(_ id: Int32) -> SessionStream? { nil }

    func sessionDidCloseStream(_ stream: SessionStream) {}

    func sessionDidReceiveGoAway(_ code: HTTP2ErrorCode) {}

    func sessionDidReceiveShutdownPong() {}
}
