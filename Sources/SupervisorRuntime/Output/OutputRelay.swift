package import Glibc
package import LinuxIO
private import Systemd

/// Reads what one process of an agent writes, line by line, into the agent's ring and a sink.
///
/// Reads at once and always, so that no agent ever waits for its reader. Over the rate limit lines
/// are counted, and the count is said as a line of its own. Belongs to the event loop's thread.
package final class OutputRelay {
    /// Bytes taken in one turn of the loop from one pipe; a pipe holds 64 KiB by default.
    private static let readSize = 64 * 1024

    private let agent: String
    private let pid: pid_t
    private let ring: OutputRing
    private let sink: any OutputSink
    private let loop: EventLoop
    private var limit: LineRateLimit
    private var pipes: [RelayedPipe] = []
    private var reportTimer: LoopTimer?
    private var drainTimer: LoopTimer?
    private var onEnd: (() -> Void)?

    /// Begins to read.
    ///
    /// - Parameters:
    ///   - agent: The agent's id.
    ///   - pid: The process that writes.
    ///   - standardOutput: A pipe's reading end, non-blocking.
    ///   - standardError: The same.
    ///   - ring: Keeps the lines.
    ///   - sink: Gets them too.
    ///   - limit: The agent's rate limit.
    ///   - loop: The calling thread's event loop.
    /// - Throws: ``SystemError`` where a pipe cannot be watched.
    package init(
        agent: String, pid: pid_t, standardOutput: consuming OwnedDescriptor,
        standardError: consuming OwnedDescriptor, into ring: OutputRing, and sink: any OutputSink,
        limit: LineRateLimit = LineRateLimit(), on loop: EventLoop
    ) throws(SystemError) {
        self.agent = agent
        self.pid = pid
        self.ring = ring
        self.sink = sink
        self.limit = limit
        self.loop = loop
        try watch(RelayedPipe(.standardOutput, standardOutput))
        try watch(RelayedPipe(.standardError, standardError))
    }

    /// Reads on until both pipes have ended, but for a bounded time: a grandchild that outlived the
    /// process may hold them open.
    ///
    /// - Parameters:
    ///   - limit: The longest time, from now.
    ///   - onEnd: Called once, when every line has been relayed.
    package func drain(within limit: Duration, onEnd: @escaping () -> Void) {
        self.onEnd = onEnd
        drainTimer = loop.schedule(after: limit) { self.stop() }
        finishIfEnded()
    }

    private func watch(_ pipe: RelayedPipe) throws(SystemError) {
        // The watch keeps the relay alive until the pipe has ended.
        pipe.watch = try loop.watch(pipe.descriptor.rawValue, for: .readable) { _ in
            self.read(pipe)
        }
        pipes.append(pipe)
    }

    private func read(_ pipe: RelayedPipe) {
        let count = withUnsafeTemporaryAllocation(
            byteCount: Self.readSize, alignment: 1
        ) { buffer in
            let count = Glibc.read(pipe.descriptor.rawValue, buffer.baseAddress, buffer.count)
            if count > 0 {
                let bytes = UnsafeRawBufferPointer(rebasing: buffer.prefix(count))
                relay(pipe.splitter.append(bytes), from: pipe.stream)
            }
            return count
        }
        if count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR)) { return }
        end(pipe)
        finishIfEnded()
    }

    private func end(_ pipe: RelayedPipe) {
        pipe.watch?.cancel()
        pipe.watch = nil
        pipes.removeAll { $0 === pipe }
        if let rest = pipe.splitter.finish() { relay([rest], from: pipe.stream) }
    }

    private func stop() {
        for pipe in pipes { end(pipe) }
        finishIfEnded()
    }

    private func finishIfEnded() {
        guard pipes.isEmpty, let onEnd else { return }
        self.onEnd = nil
        drainTimer?.cancel()
        report()
        onEnd()
    }

    // MARK: Lines

    private func relay(_ lines: [LineSplitter.Piece], from stream: OutputLine.Stream) {
        let now = MonotonicInstant.now
        for line in lines {
            if limit.admits(at: now) {
                // The report belongs before the first line of a new window.
                report()
                let (priority, text) = OutputLine.parse(line.text)
                deliver(text, priority, stream, isCut: line.isCut)
            } else {
                ring.skip(1)
                scheduleReport(at: now)
            }
        }
    }

    private func deliver(
        _ text: String, _ priority: JournalEntry.Priority, _ stream: OutputLine.Stream,
        isCut: Bool = false
    ) {
        let line = OutputLine(
            sequence: 0, time: Self.wallTime(), stream: stream, pid: pid, priority: priority,
            text: text, isCut: isCut)
        sink.write(ring.append(line), of: agent)
    }

    private func scheduleReport(at now: MonotonicInstant) {
        guard reportTimer == nil else { return }
        reportTimer = loop.schedule(after: limit.remaining(at: now)) { self.report() }
    }

    private func report() {
        reportTimer?.cancel()
        reportTimer = nil
        guard let report = limit.takeReport() else { return }
        deliver(report, .warning, .standardError)
    }

    /// Microseconds since 1970.
    private static func wallTime() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }
}

/// One of the pipes that a relay reads.
private final class RelayedPipe {
    let stream: OutputLine.Stream
    let descriptor: OwnedDescriptor
    var splitter = LineSplitter()
    var watch: Watch?

    init(_ stream: OutputLine.Stream, _ descriptor: consuming OwnedDescriptor) {
        self.stream = stream
        self.descriptor = descriptor
    }
}
