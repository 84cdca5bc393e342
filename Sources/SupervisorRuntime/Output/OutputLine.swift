package import Systemd

/// One line that an agent wrote.
package struct OutputLine: Sendable, Equatable {
    /// Where a line was written to.
    package enum Stream: String, Sendable {
        case standardOutput = "stdout"
        case standardError = "stderr"
    }

    /// Counts the agent's lines from 1, over all its processes; a gap means lines left out.
    package var sequence: UInt64
    /// The wall-clock time at which it was read, in microseconds since 1970, for display.
    package var time: Int64
    package var stream: Stream
    /// The process group's leader.
    package var pid: Int32
    /// From the line's `<n>` prefix of sd-daemon(3), else `info`.
    package var priority: JournalEntry.Priority
    /// The line without its ending and its prefix.
    package var text: String
    /// Whether it was too long: the next line is the rest of it.
    package var isCut = false
}

extension OutputLine {
    /// Stands behind a line that was cut, where people read it.
    package static let cutMark = " [cut, goes on]"

    /// The value of `session=VALUE` in a structured log line, so that the journal can be searched
    /// for a session.
    package var session: String? {
        let key = "session="
        for word in text.split(separator: " ") where word.hasPrefix(key) {
            let value = word.dropFirst(key.count).trimmingQuotes()
            return value.isEmpty ? nil : String(value)
        }
        return nil
    }

    /// Takes the `<n>` prefix that sd-daemon(3) defines off a line.
    package static func parse(_ line: String) -> (priority: JournalEntry.Priority, text: String) {
        let bytes = line.utf8
        guard bytes.count >= 3, bytes.first == UInt8(ascii: "<"),
            let digit = bytes.dropFirst().first, (UInt8(ascii: "0")...UInt8(ascii: "7")) ~= digit,
            bytes.dropFirst(2).first == UInt8(ascii: ">"),
            let priority = JournalEntry.Priority(rawValue: Int32(digit - UInt8(ascii: "0")))
        else { return (.info, line) }
        return (priority, String(line.dropFirst(3)))
    }
}

extension Substring {
    fileprivate func trimmingQuotes() -> Substring {
        var value = self
        if value.first == "\"" { value.removeFirst() }
        if value.last == "\"" { value.removeLast() }
        return value
    }
}
