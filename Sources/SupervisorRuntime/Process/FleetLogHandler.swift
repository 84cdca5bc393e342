private import Glibc
package import Logging
private import Systemd

/// Writes the supervisor's own log where the agents' lines go, under its own name.
package struct FleetLogHandler: LogHandler {
    /// The name under which the supervisor's lines appear.
    package static let name = "op-supervisor"

    package var metadata: Logger.Metadata = [:]
    package var logLevel: Logger.Level

    private let sink: any OutputSink

    /// Prepares to write.
    ///
    /// - Parameters:
    ///   - sink: Where the lines go.
    ///   - level: What is less severe is left out.
    package init(sink: any OutputSink, level: Logger.Level) {
        self.sink = sink
        logLevel = level
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let priority = event.level.priority
        // An event may hold the last lines of an agent: each is a line of its own here too.
        for text in "\(event.message)".split(whereSeparator: \.isNewline) {
            sink.write(
                OutputLine(
                    sequence: 0,
                    time: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000,
                    stream: .standardError, pid: getpid(), priority: priority, text: String(text)),
                of: Self.name)
        }
    }
}

extension Logger.Level {
    fileprivate var priority: JournalEntry.Priority {
        switch self {
        case .trace, .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        case .critical: .critical
        }
    }
}
