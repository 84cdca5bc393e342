private import Glibc
private import Synchronization
private import Systemd

/// Writes agents' lines to a terminal, each behind its agent's name, in the agent's colour.
///
/// Colour only on a terminal, and not where NO_COLOR is set (no-color.org).
package final class TerminalSink: OutputSink {
    /// Wide enough for most names, so that the lines begin in one column.
    private static let nameWidth = 19
    /// Cyan, yellow, green, magenta, blue and their bright variants: no red, which means errors.
    private static let colors = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94]
    private static let reset = "\u{1b}[0m"
    private static let red = "\u{1b}[31m"

    private let descriptor: CInt
    private let isColored: Bool
    /// Lines that a stalled terminal did not take.
    private let omitted = Mutex<UInt64>(0)

    /// A sink on a descriptor that stays open.
    ///
    /// - Parameters:
    ///   - descriptor: A terminal, a file or a pipe.
    ///   - isColored: By default whether it is a terminal and NO_COLOR is not set.
    package init(descriptor: Int32, isColored: Bool? = nil) {
        self.descriptor = descriptor
        let noColor = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
        self.isColored = isColored ?? (isatty(descriptor) == 1 && !noColor)
    }

    package func write(_ line: OutputLine, of agent: String) {
        // A terminal that is stopped, or a pipe that nobody reads, must not stop the supervisor.
        guard hasRoom() else {
            omitted.withLock { $0 += 1 }
            return
        }
        let count = omitted.withLock { omitted in
            defer { omitted = 0 }
            return omitted
        }
        var text = count > 0 ? "(\(count) lines left out: nobody read them)\n" : ""
        text += format(line, of: agent)
        writeAll(Array(text.utf8))
    }

    private func format(_ line: OutputLine, of agent: String) -> String {
        let padding = String(repeating: " ", count: max(0, Self.nameWidth - agent.count))
        let mark = line.isCut ? OutputLine.cutMark : ""
        guard isColored else { return "\(agent)\(padding) | \(line.text)\(mark)\n" }
        let name = "\u{1b}[\(Self.color(of: agent))m\(agent)\(padding) |\(Self.reset)"
        // Agents may end a line within a colour of their own.
        let text = line.priority >= .error ? "\(Self.red)\(line.text)" : line.text
        return "\(name) \(text)\(Self.reset)\(mark)\n"
    }

    /// The same agent has the same colour in each run.
    private static func color(of agent: String) -> Int {
        let sum = agent.utf8.reduce(UInt32(0)) { $0 &* 31 &+ UInt32($1) }
        return colors[Int(sum % UInt32(colors.count))]
    }

    private func hasRoom() -> Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return Glibc.poll(&poll, 1, 0) > 0 && poll.revents & Int16(POLLOUT) != 0
    }

    private func writeAll(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
