import Systemd
import Testing

@testable import SupervisorRuntime

struct OutputLineTests {
    @Test(arguments: [
        ("hello", JournalEntry.Priority.info, "hello"),
        ("<3>disk full", .error, "disk full"),
        ("<7>", .debug, ""),
        ("<8>eight", .info, "<8>eight"),
        ("<3 >no", .info, "<3 >no"),
        ("<", .info, "<"),
        ("", .info, ""),
        ("<Vec<u8>> is a type", .info, "<Vec<u8>> is a type"),
    ])
    func takesThePriorityOffALine(line: String, priority: JournalEntry.Priority, text: String) {
        #expect(OutputLine.parse(line) == (priority, text))
    }

    @Test(
        arguments: [
            ("info memory: session=s-1 key=a recalled", "s-1"),
            ("session=\"quoted\" done", "quoted"),
            ("the session= is empty", nil),
            ("oldsession=s-1", nil),
            ("no such thing", nil),
        ] as [(String, String?)])
    func findsTheSession(text: String, session: String?) {
        let line = OutputLine(
            sequence: 1, time: 0, stream: .standardError, pid: 1, priority: .info, text: text)
        #expect(line.session == session)
    }
}
