package import Systemd

/// Writes agents' lines to the journal, with fields to search for.
///
/// `journalctl AGENT=memory`, `journalctl SESSION=s1`, `journalctl -t memory -p warning`.
package struct JournalSink: OutputSink {
    private let journal: any JournalWriting

    /// A sink on a journal.
    package init(journal: any JournalWriting) {
        self.journal = journal
    }

    package func write(_ line: OutputLine, of agent: String) {
        var fields = [
            "AGENT": agent,
            "SYSLOG_IDENTIFIER": agent,
            "SYSLOG_PID": String(line.pid),
            "STREAM": line.stream.rawValue,
        ]
        fields["SESSION"] = line.session
        // As the journal says it of lines that it cuts itself, without the underscore of its own fields.
        if line.isCut { fields["LINE_BREAK"] = "line-max" }
        // A line that the journal refuses is still in the agent's ring, and there is no other place
        // to say so.
        try? journal.write(JournalEntry(line.text, priority: line.priority, fields: fields))
    }
}
