import LinuxIO
import Synchronization
import Systemd
import Testing

@testable import SupervisorRuntime

struct JournalSinkTests {
    private final class RecordingJournal: JournalWriting {
        let entries = Mutex<[JournalEntry]>([])

        func write(_ entry: JournalEntry) throws(SystemError) {
            entries.withLock { $0.append(entry) }
        }
    }

    @Test func givesEachLineItsFields() {
        let journal = RecordingJournal()
        let line = OutputLine(
            sequence: 7, time: 0, stream: .standardError, pid: 42, priority: .warning,
            text: "slow query session=s-1")
        JournalSink(journal: journal).write(line, of: "memory")
        #expect(
            journal.entries.withLock { $0 } == [
                JournalEntry(
                    "slow query session=s-1", priority: .warning,
                    fields: [
                        "AGENT": "memory", "SYSLOG_IDENTIFIER": "memory", "SYSLOG_PID": "42",
                        "STREAM": "stderr", "SESSION": "s-1",
                    ])
            ])
    }

    @Test func saysWhichLinesWereCut() {
        let journal = RecordingJournal()
        var line = OutputLine(
            sequence: 1, time: 0, stream: .standardOutput, pid: 42, priority: .info, text: "long")
        for isCut in [true, false] {
            line.isCut = isCut
            JournalSink(journal: journal).write(line, of: "memory")
        }
        #expect(
            journal.entries.withLock { $0 }.map { $0.fields["LINE_BREAK"] } == ["line-max", nil])
    }
}
