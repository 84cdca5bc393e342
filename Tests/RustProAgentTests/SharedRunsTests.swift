import AgentRuntime
import FoundationEssentials
import Glibc
import Synchronization
import Testing

@testable import RustProAgent

@Suite(.timeLimit(.minutes(1)))
struct SharedRunsTests {
    private let directory: TemporaryDirectory
    private let key: SharedRuns.Key
    private let runs = SharedRuns()

    init() throws {
        directory = try TemporaryDirectory()
        let path = try directory.crate("greeter")
        // The copy is older than what is run from now on: the kernel may have stamped it by its fine clock, to which
        // the coarse one catches up.
        var copied = timespec()
        clock_gettime(CLOCK_REALTIME, &copied)
        while FileTime.now <= FileTime(copied) {}
        let arguments = CargoCommand.arguments(of: .build)
        key = SharedRuns.Key(
            command: try CargoCommand(.build, Arguments(json: "{}", expecting: arguments)),
            project: try CargoProject(
                at: path, within: PathConfinement(roots: [directory.path], base: "/", home: "/")))
    }

    /// Work that writes a line, and another one when it is let go.
    private final class Work: Sendable {
        private let runs = Atomic(0)
        private let ends = Atomic(0)
        private let gate = AsyncStream<Void>.makeStream()

        var count: Int { runs.load(ordering: .relaxed) }
        var isOver: Bool { ends.load(ordering: .relaxed) > 0 }

        func letGo() { gate.continuation.finish() }

        func run(_ output: any OutputSink) async throws -> OperationResult {
            runs.add(1, ordering: .relaxed)
            defer { ends.add(1, ordering: .relaxed) }
            try await output.write(Array("first\n".utf8), to: .stderr)
            for await _ in gate.stream {}
            try Task.checkCancellation()
            try await output.write(Array("last\n".utf8), to: .stdout)
            return OperationResult(summary: "done", fields: [:])
        }
    }

    private func call(_ work: Work, to sink: RecordingSink) -> Task<OperationResult, any Error> {
        Task { try await runs.result(of: key, to: sink) { try await work.run($0) } }
    }

    @Test func identicalCallsInFlightShareOneRunAndAllItsOutput() async throws {
        let work = Work()
        let sinks = (0..<3).map { _ in RecordingSink() }
        var calls: [Task<OperationResult, any Error>] = []
        for sink in sinks {
            calls.append(call(work, to: sink))
            await sink.wait(for: "first")
        }
        work.letGo()
        for call in calls { #expect(try await call.value.summary == "done") }
        for sink in sinks {
            #expect(sink.text(.stderr) == "first\n")
            #expect(sink.text(.stdout) == "last\n")
        }
        #expect(work.count == 1)
    }

    @Test func aCallAfterTheRunStartsAnother() async throws {
        for expected in 1...2 {
            let work = Work()
            work.letGo()
            let sink = RecordingSink()
            #expect(try await call(work, to: sink).value.summary == "done")
            #expect(sink.text(.stdout) == "last\n")
            #expect(work.count == 1, "call \(expected)")
        }
    }

    @Test func changedSourcesAreBuiltAnew() async throws {
        let works = [Work(), Work()]
        let firstSink = RecordingSink()
        let first = call(works[0], to: firstSink)
        await firstSink.wait(for: "first")
        let file = "\(key.project.directory)/words/src/lib.rs"
        try "// changed\n".write(toFile: file, atomically: false, encoding: .utf8)
        let sink = RecordingSink()
        works[1].letGo()
        #expect(try await call(works[1], to: sink).value.summary == "done")
        #expect(works[1].count == 1)
        works[0].letGo()
        _ = try await first.value
    }

    @Test func whoeverLeavesDoesNotEndItForTheOthers() async throws {
        let work = Work()
        let sinks = [RecordingSink(), RecordingSink()]
        let leaving = call(work, to: sinks[0])
        await sinks[0].wait(for: "first")
        let staying = call(work, to: sinks[1])
        await sinks[1].wait(for: "first")
        leaving.cancel()
        await #expect(throws: (any Error).self) { try await leaving.value }
        #expect(!work.isOver)
        work.letGo()
        #expect(try await staying.value.summary == "done")
    }

    @Test func theLastToLeaveEndsTheRun() async throws {
        let work = Work()
        let sink = RecordingSink()
        let only = call(work, to: sink)
        await sink.wait(for: "first")
        only.cancel()
        await #expect(throws: (any Error).self) { try await only.value }
        #expect(work.isOver)
    }

    @Test func aReaderThatFailsEndsARunThatNobodyElseWants() async throws {
        struct FailingSink: OutputSink {
            struct Gone: Error {}
            func write(_ bytes: [UInt8], to stream: OutputStream) async throws { throw Gone() }
        }
        let work = Work()
        await #expect(throws: FailingSink.Gone.self) {
            try await runs.result(of: key, to: FailingSink()) { try await work.run($0) }
        }
        #expect(work.isOver)
    }
}
