import LinuxIO
import Testing

@testable import SupervisorRuntime

@Suite(.timeLimit(.minutes(1)))
struct ForwardedCallTests {
    private let loop: EventLoop

    init() throws { loop = try EventLoop(name: "call-test") }

    @Test func aCallThatNoAgentHasEndsAtOnce() async throws {
        defer { loop.stop() }
        let call = ForwardedCall(executor: loop)
        let task = Task { try await call.run { try await Self.neverAnswered() } }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func aCallThatAnAgentHasIsAnsweredByTheAgent() async throws {
        defer { loop.stop() }
        let call = ForwardedCall(executor: loop)
        let (forwarded, forward) = AsyncStream<Void>.makeStream()
        let (answers, answer) = AsyncStream<String>.makeStream()
        let task = Task {
            try await call.run {
                try call.forward()
                forward.yield()
                for await text in answers { return text }
                return "cancelled"
            }
        }
        for await _ in forwarded { break }
        task.cancel()
        answer.yield("nothing runs any more")
        #expect(try await task.value == "nothing runs any more")
    }

    @Test func aCallerThatLeavesEndsItAtOnce() async throws {
        defer { loop.stop() }
        let call = ForwardedCall(executor: loop)
        let (forwarded, forward) = AsyncStream<Void>.makeStream()
        let task = Task {
            try await call.run {
                try call.forward()
                forward.yield()
                try await Self.neverAnswered()
            }
        }
        for await _ in forwarded { break }
        call.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func aCallThatShouldBeOverIsNotForwardedAnyMore() async throws {
        defer { loop.stop() }
        let call = ForwardedCall(executor: loop)
        let (begun, begin) = AsyncStream<Void>.makeStream()
        let task = Task {
            try await call.run {
                begin.yield()
                await Cancellation.wait()
                try call.forward()
                Issue.record("it was forwarded")
            }
        }
        for await _ in begun { break }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    private static func neverAnswered() async throws {
        await Cancellation.wait()
        try Task.checkCancellation()
    }
}
