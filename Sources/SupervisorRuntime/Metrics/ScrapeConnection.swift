internal import LinuxIO

/// One connection of a scraper: takes one request, gives one answer, and closes.
///
/// It costs no more than its request's head and its answer: whoever sends slowly, or does not read, is
/// left when its time is over.
///
/// Belongs to the event loop's thread.
final class ScrapeConnection {
    /// How long a scraper may take to say what it wants.
    private static let requestLimit: Duration = .seconds(2)
    /// How long it may take to read the answer.
    private static let answerLimit: Duration = .seconds(30)
    /// How much is read, behind a request, of what nobody asked for.
    private static let mostDiscarded = 64 << 10

    private enum Phase {
        case reading
        /// Its answer is being made.
        case waiting(hasBody: Bool)
        case answering
        /// All is sent; what still arrives is read, since closing a socket with unread bytes resets the
        /// connection and may take the answer with it (RFC 9112, section 9.6).
        case closing
    }

    private let descriptor: OwnedDescriptor
    private let loop: EventLoop
    private let onRequest: () -> Void
    private let onEnd: () -> Void
    private var watch: Watch?
    private var limit: LoopTimer?
    private var phase = Phase.reading
    private var received: [UInt8] = []
    private var answer: [UInt8] = []
    private var sent = 0
    private var discarded = 0

    /// Begins to read.
    ///
    /// - Parameters:
    ///   - descriptor: The connected socket.
    ///   - loop: The calling thread's event loop.
    ///   - onRequest: Called when it asks for the metrics; ``answer(with:)`` follows.
    ///   - onEnd: Called once, when it is over and may be let go.
    /// - Throws: ``SystemError`` where it cannot be watched.
    init(
        _ descriptor: consuming OwnedDescriptor, on loop: EventLoop,
        onRequest: @escaping () -> Void, onEnd: @escaping () -> Void
    ) throws(SystemError) {
        self.descriptor = descriptor
        self.loop = loop
        self.onRequest = onRequest
        self.onEnd = onEnd
        watch = try loop.watch(self.descriptor.rawValue, for: .readable) { [weak self] in
            self?.advance($0)
        }
        setLimit(Self.requestLimit)
    }

    /// Gives the metrics to a scraper that asked for them.
    ///
    /// - Parameter text: The metrics.
    func answer(with text: String) {
        guard case .waiting(let hasBody) = phase else { return }
        send("200 OK", type: PrometheusText.contentType, text, hasBody: hasBody)
    }

    /// Ends it, whatever it is at.
    func close() {
        guard let watch else { return }
        watch.cancel()
        self.watch = nil
        limit?.cancel()
        onEnd()
    }

    private func setLimit(_ duration: Duration) {
        limit?.cancel()
        limit = loop.schedule(after: duration) { [weak self] in self?.close() }
    }

    private func advance(_ readiness: Readiness) {
        if readiness.contains(.hungUp) { return close() }
        do {
            switch phase {
            case .reading, .waiting, .closing: try receive()
            case .answering: try write()
            }
        } catch {
            // It is gone; there is nobody to tell.
            close()
        }
    }

    private func receive() throws(SystemError) {
        let count = try withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) {
            buffer throws(SystemError) in
            let count = try Socket.receive(from: descriptor.rawValue, into: buffer)
            if case .reading = phase {
                received += buffer[..<(count ?? 0)]
            } else {
                discarded += count ?? 0
            }
            return count
        }
        if count == 0 || discarded > Self.mostDiscarded { return close() }
        guard case .reading = phase, let request = ScrapeRequest.read(received) else { return }
        received = []
        switch request {
        case .metrics(let hasBody):
            phase = .waiting(hasBody: hasBody)
            watch?.update([])
            setLimit(Self.answerLimit)
            onRequest()
        case .refused(let refusal):
            send(
                refusal.rawValue, type: "text/plain; charset=utf-8", refusal.sentence + "\n",
                hasBody: true)
        }
    }

    private func send(_ status: String, type: String, _ body: String, hasBody: Bool) {
        let head = """
            HTTP/1.1 \(status)\r
            Content-Type: \(type)\r
            Content-Length: \(body.utf8.count)\r
            Connection: close\r
            Allow: GET, HEAD\r
            \r

            """
        answer = Array(head.utf8) + (hasBody ? Array(body.utf8) : [])
        phase = .answering
        watch?.update(.writable)
    }

    private func write() throws {
        let descriptor = descriptor.rawValue
        sent += try answer.withUnsafeBytes { bytes in
            try Socket.send(UnsafeRawBufferPointer(rebasing: bytes[sent...]), to: descriptor)
        }
        guard sent == answer.count else { return }
        answer = []
        phase = .closing
        Socket.endSending(on: descriptor)
        watch?.update(.readable)
        setLimit(Self.requestLimit)
    }
}
