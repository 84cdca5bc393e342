private import Glibc
package import Logging

/// Writes log events to standard error, each line in one write(2), so that lines of several threads never mix.
package struct StandardErrorLog: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata
    package var metadataProvider: Logger.MetadataProvider?

    private let format: LogFormat

    /// Creates a handler.
    ///
    /// - Parameters:
    ///   - level: Events below it are left out.
    ///   - format: By default what suits whoever reads standard error: a terminal or a log.
    ///   - metadata: Fields of all events.
    package init(
        level: Logger.Level, format: LogFormat = .ofStandardError, metadata: Logger.Metadata = [:]
    ) {
        logLevel = level
        self.format = format
        self.metadata = metadata
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { _, new in new } }
        if let own = event.metadata { fields.merge(own) { _, new in new } }
        if let error = event.error { fields["error"] = .string("\(error)") }
        var line = format.line(
            level: event.level, message: event.message.description, fields: fields,
            time: Self.localTime())
        line.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = write(STDERR_FILENO, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                // Nobody reads: there is no better place to say so.
                guard count > 0 else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            }
        }
    }

    private static func localTime() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        localtime_r(&now.tv_sec, &parts)
        let milliseconds = padded(now.tv_nsec / 1_000_000, 3)
        return [Int(parts.tm_hour), Int(parts.tm_min), Int(parts.tm_sec)]
            .map { padded($0, 2) }.joined(separator: ":") + "." + milliseconds
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension LogFormat {
    /// For a person where standard error is a terminal, otherwise for a log.
    package static var ofStandardError: LogFormat {
        guard isatty(STDERR_FILENO) == 1 else { return .priorityPrefixed }
        let hasColor =
            getenv("NO_COLOR").map { $0.pointee == 0 } ?? true
            && getenv("TERM").map { String(cString: $0) } != "dumb"
        return .terminal(color: hasColor)
    }
}
