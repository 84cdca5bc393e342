import AgentRuntime
import Synchronization
import Testing

@testable import RustProAgent

@Suite(.timeLimit(.minutes(1)))
struct OutputBroadcastTests {
    /// Takes longer over a line than who writes it.
    private final class SlowSink: OutputSink {
        let count = Atomic(0)

        func write(_ bytes: [UInt8], to stream: OutputStream) async throws {
            for _ in 0..<20 { await Task.yield() }
            count.add(1, ordering: .relaxed)
        }
    }

    private func line(_ number: Int) -> [UInt8] { Array("\(number)\n".utf8) }

    @Test func whoComesLateGetsEverything() async throws {
        let broadcast = OutputBroadcast()
        for number in 0..<1000 { try await broadcast.write(line(number), to: .stdout) }
        broadcast.finish()
        for _ in 0..<2 {
            let sink = RecordingSink()
            try await broadcast.follow(into: sink)
            #expect(sink.count(.stdout) == 1000)
            #expect(sink.text(.stdout).hasSuffix("998\n999\n"))
        }
    }

    @Test func whoComesVeryLateIsToldWhatIsMissing() async throws {
        let broadcast = OutputBroadcast()
        let mebibyte = [UInt8](repeating: 10, count: 1 << 20)
        for _ in 0..<10 { try await broadcast.write(mebibyte, to: .stdout) }
        broadcast.finish()
        let sink = RecordingSink()
        try await broadcast.follow(into: sink)
        #expect(sink.count(.stdout) == 4)
        #expect(sink.text(.stderr) == "[6 earlier lines of this run are not repeated]\n")
    }

    @Test func theWriterWaitsForASlowReader() async throws {
        let broadcast = OutputBroadcast()
        let sink = SlowSink()
        let following = Task { try await broadcast.follow(into: sink) }
        try await broadcast.write(line(0), to: .stdout)
        while sink.count.load(ordering: .relaxed) == 0 { await Task.yield() }
        var mostBehind = 0
        for number in 1..<3000 {
            try await broadcast.write(line(number), to: .stdout)
            mostBehind = max(mostBehind, number + 1 - sink.count.load(ordering: .relaxed))
        }
        broadcast.finish()
        try await following.value
        #expect(sink.count.load(ordering: .relaxed) == 3000)
        #expect(mostBehind <= 300)
    }

    @Test func awaitingAReaderCanBeCancelled() async throws {
        let broadcast = OutputBroadcast()
        let following = Task { try await broadcast.follow(into: RecordingSink()) }
        following.cancel()
        await #expect(throws: CancellationError.self) { try await following.value }
    }
}
