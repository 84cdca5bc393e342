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
    private var output: [UInt8] = []
    private var outputHead = 0
    private var dirtyStreams: [CallStream] = []
    private var isFlushScheduled = false
    private var isReading = true
    private var awaitsRoom = false
    /// Why it ends, once everything was sent.
    private var lingering: String?

    /// When so many streams have output, it is sent before others get their turn: the peer works on it
    /// meanwhile, where both sides would otherwise take turns with batches of all calls.
    private static let pipelinedStreams = 32

    /// Bytes collected for one write.
    private static let outputChunk = 256 << 10

    init(
        _ descriptor: consuming OwnedDescriptor, role: Nghttp2Session.Role,
        settings: Nghttp2Session.Settings, loop: EventLoop
    ) {
        self.descriptor = consume descriptor
        self.role = role
        self.settings = settings
        self.loop = loop
    }

    final var isOpen: Bool { descriptor != nil }

    /// The socket, to ask about; nil once it is closed.
    final var socket: CInt? { descriptor?.rawValue }

    /// Begins to read, and sends what the session begins with.
    final func start() throws(SystemError) {
        guard let fd = descriptor?.rawValue else { return }
        watch = try loop.watch(fd, for: .readable) { [unowned self] in ready($0) }
        flushLater()
    }

    /// Closes the socket and tells all streams.
    final func close(reason: String) {
        guard descriptor != nil else { return }
        watch?.cancel()
        watch = nil
        descriptor = nil
        let dirty = dirtyStreams
        dirtyStreams = []
        session.loseStreams(reason: reason)
        didClose(reason: reason)
        // The session knows those that were submitted, and has told them: they have no connection any more.
        for stream in dirty where stream.connection === self {
            stream.connectionEndedBeforeSubmission(reason: reason)
        }
    }

    /// Closes once the peer has read what was sent.
    ///
    /// To close a socket while something of the peer's is unread would reset the connection, and with that
    /// discard what the peer has not read yet (RFC 9112, section 9.6).
    private func linger(reason: String) {
        guard lingering == nil, let fd = descriptor?.rawValue else { return }
        lingering = reason
        willEnd()
        Socket.endSending(on: fd)
        loop.schedule(after: Self.lingerTimeout) { [weak self] in self?.close(reason: reason) }
    }

    /// How long a peer may take to read the rest and close its side.
    private static let lingerTimeout = Duration.seconds(1)

    /// The connection takes no stream any more.
    func willEnd() {}

    /// The connection is gone, and its streams have been told.
    func didClose(reason: String) {}

    // MARK: Output

    /// Has a stream's output sent at the end of the loop's turn.
    final func flushLater(_ stream: CallStream) {
        guard isOpen else {
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
        guard isOpen, lingering == nil else { return }
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
            if outputHead == output.count, session.isOver { linger(reason: "it was shut down") }
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
                if let count, count > 0, lingering == nil {
                    try session.receive(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                }
                return count
            }
            if count == 0 {
                close(reason: lingering ?? "the peer closed it")
            } else {
                flushLater()
            }
        } catch let error as Nghttp2Session.Failure {
            // The session has a GOAWAY to say why.
            try? send()
            session.loseStreams(reason: "the peer broke the protocol: \(error)")
            linger(reason: "the peer broke the protocol: \(error)")
        } catch {
            close(reason: "\(error)")
        }
    }

    // MARK: SessionDelegate

    func sessionWillOpenStream(_ id: Int32) -> SessionStream { SessionStream() }

    func sessionDidCloseStream(_ stream: SessionStream) {}

    func sessionDidReceiveGoAway(_ code: HTTP2ErrorCode) {}

    func sessionDidReceivePong() {}
}
