import Testing

@testable import Systemd

struct JournalEntryTests {
    @Test func becomesItems() {
        let entry = JournalEntry(
            "two\nlines", priority: .warning, fields: ["AGENT": "memory", "SESSION": "s1"])
        #expect(
            entry.items.sorted() == [
                "AGENT=memory", "MESSAGE=two\nlines", "PRIORITY=4", "SESSION=s1",
            ])
    }

    @Test func theMoreSevereIsTheGreater() {
        #expect(JournalEntry.Priority.error > .info)
        #expect([JournalEntry.Priority.debug, .emergency, .notice].max() == .emergency)
    }

    /// Whether a journal runs here or not: writing is no error.
    @Test func canBeWritten() throws {
        try Journal().write(JournalEntry("", priority: .debug, fields: ["EMPTY": ""]))
    }
}
