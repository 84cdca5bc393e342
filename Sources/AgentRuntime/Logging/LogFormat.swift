package import Logging

/// How a log event becomes one line.
package enum LogFormat: Sendable, Hashable {
    /// For a person at a terminal: time, level, agent, message, fields; in colour unless NO_COLOR is set.
    case terminal(color: Bool)
    /// For a log: a priority as `<6>` (sd-daemon(3)), then message and fields. The reader adds the time.
    case priorityPrefixed

    /// The line of an event, with its line feed.
    ///
    /// - Parameters:
    ///   - level: The event's level.
    ///   - message: Line feeds in it are shown as `\n`, so an event never becomes several lines.
    ///   - fields: Shown as `key=value` in the order of their keys, quoted where they hold spaces.
    ///   - time: The local time as "12:34:56.789"; used for terminals only.
    /// - Returns: The line.
    package func line(
        level: Logger.Level, message: String, fields: Logger.Metadata, time: String
    ) -> String {
        let fields = fields.sorted { $0.key < $1.key }
            .map { " \($0.key)=\(Self.quoted($0.value.description))" }.joined()
        let message = Self.escaped(message)
        switch self {
        case .terminal(color: true):
            return
                "\u{1B}[2m\(time)\u{1B}[0m \(level.color)\(level.label)\u{1B}[0m \(message)"
                + "\u{1B}[2m\(fields)\u{1B}[0m\n"
        case .terminal(color: false):
            return "\(time) \(level.label) \(message)\(fields)\n"
        case .priorityPrefixed:
            return "<\(level.priority)>\(message)\(fields)\n"
        }
    }

    private static func quoted(_ value: String) -> String {
        let needsQuotes = value.isEmpty || value.contains { $0 == " " || $0 == "\"" || $0 == "=" }
        let value = escaped(value)
        guard needsQuotes else { return value }
        return "\""
            + value.split(separator: "\"", omittingEmptySubsequences: false)
            .joined(separator: "\\\"") + "\""
    }

    /// Control characters would break lines, or write to the reader's terminal.
    private static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": escaped += "\\n"
            case "\t": escaped += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                escaped += "\\u{\(scalar.value)}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

extension Logger.Level {
    /// The priority of syslog(3).
    fileprivate var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    /// Five characters, so that messages line up.
    fileprivate var label: String {
        switch self {
        case .trace: "TRACE"
        case .debug: "DEBUG"
        case .info: "INFO "
        case .notice: "NOTE "
        case .warning: "WARN "
        case .error: "ERROR"
        case .critical: "CRIT "
        }
    }

    fileprivate var color: String {
        switch self {
        case .trace, .debug: "\u{1B}[2m"
        case .info: "\u{1B}[32m"
        case .notice: "\u{1B}[36m"
        case .warning: "\u{1B}[33m"
        case .error: "\u{1B}[31m"
        case .critical: "\u{1B}[1;31m"
        }
    }
}
