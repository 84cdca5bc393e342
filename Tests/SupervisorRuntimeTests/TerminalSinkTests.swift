import Glibc
import LinuxIO
import Systemd
import Testing

@testable import SupervisorRuntime

struct TerminalSinkTests {
    /// What a sink writes to, and what it wrote.
    private final class Channel {
        private let pipe: SupervisorRuntime.Pipe

        init() throws {
            pipe = try SupervisorRuntime.Pipe()
            try pipe.makeReadingEndNonBlocking()
        }

        var descriptor: Int32 { pipe.writingEnd.rawValue }

        func written() -> String {
            var bytes = [UInt8](repeating: 0, count: 256 * 1024)
            let count = read(pipe.readingEnd.rawValue, &bytes, bytes.count)
            return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
        }
    }

    private func line(_ text: String, _ priority: JournalEntry.Priority = .info) -> OutputLine {
        OutputLine(
            sequence: 1, time: 0, stream: .standardOutput, pid: 1, priority: priority, text: text)
    }

    @Test func beginsEachLineWithItsAgent() throws {
        let channel = try Channel()
        let sink = TerminalSink(descriptor: channel.descriptor)
        sink.write(line("hello"), of: "memory")
        sink.write(line("world", .error), of: "sequential_thinking")
        let written = channel.written()
        #expect(
            written == """
                memory              | hello
                sequential_thinking | world

                """)
    }

    @Test func marksLinesThatGoOn() throws {
        let channel = try Channel()
        var cut = line("long")
        cut.isCut = true
        TerminalSink(descriptor: channel.descriptor).write(cut, of: "memory")
        #expect(channel.written() == "memory              | long [cut, goes on]\n")
    }

    @Test func coloursTheNameAndErrors() throws {
        let channel = try Channel()
        let sink = TerminalSink(descriptor: channel.descriptor, isColored: true)
        sink.write(line("broken", .error), of: "memory")
        let text = channel.written()
        #expect(text.hasPrefix("\u{1b}["))
        #expect(text.hasSuffix("\u{1b}[31mbroken\u{1b}[0m\n"))
    }

    @Test func neverWaitsForAReaderAndCountsWhatItMissed() throws {
        let channel = try Channel()
        let sink = TerminalSink(descriptor: channel.descriptor)
        let text = String(repeating: "x", count: 1_000)
        // A pipe holds 64 KiB.
        for _ in 1...100 { sink.write(line(text), of: "memory") }
        let taken = channel.written().split(separator: "\n").count
        #expect(taken < 100)
        sink.write(line("again"), of: "memory")
        let written = channel.written()
        #expect(
            written == """
                (\(100 - taken) lines left out: nobody read them)
                memory              | again

                """)
    }
}
