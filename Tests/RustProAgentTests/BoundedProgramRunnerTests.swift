import AgentRuntime
import Testing

@testable import RustProAgent

@Suite(.timeLimit(.minutes(1)))
struct BoundedProgramRunnerTests {
    private static let program = Program(
        executable: "/bin/true", arguments: [], environment: [:], directory: "/",
        timeLimit: .seconds(1))

    @Test func whatIsTooMuchAtOnceIsRefused() async throws {
        let started = AsyncStream<Void>.makeStream()
        let gate = AsyncStream<Void>.makeStream()
        let runner = BoundedProgramRunner(
            ScriptedPrograms { _, _ in
                started.continuation.yield()
                for await _ in gate.stream {}
                return .exited(0)
            }, most: 1)
        let first = Task { try await runner.output(of: Self.program).end }
        for await _ in started.stream { break }
        await #expect {
            try await runner.output(of: Self.program)
        } throws: { error in
            (error as? OperationError)?.code == .resourceExhausted
        }
        gate.continuation.finish()
        #expect(try await first.value == .exited(0))
        #expect(try await runner.output(of: Self.program).end == .exited(0))
    }
}
