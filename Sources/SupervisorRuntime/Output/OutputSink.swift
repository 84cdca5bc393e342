private import Glibc
private import Systemd

/// Where the lines of the agents go, besides the ring that each has.
package protocol OutputSink: Sendable {
    /// Writes a line. One that cannot be written now is dropped or counted, never waited for.
    ///
    /// - Parameters:
    ///   - line: The line.
    ///   - agent: The id of the agent that wrote it.
    func write(_ line: OutputLine, of agent: String)
}

/// Chooses where the lines go.
package enum OutputSinks {
    /// The journal where standard error leads there, as under systemd, else standard error.
    package static func standard() -> any OutputSink {
        Journal.receivesStandardError
            ? JournalSink(journal: Journal()) : TerminalSink(descriptor: STDERR_FILENO)
    }
}
