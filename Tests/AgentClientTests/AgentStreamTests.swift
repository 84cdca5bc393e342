import GRPCCore
import Testing

@testable import AgentClient

@Suite(.timeLimit(.minutes(1)))
struct AgentStreamTests {
    @Test func elementsAreRead() async throws {
        let stream = AgentStream<Int> { send throws(AgentCallError) in
            do {
                for number in 0..<100 { try await send(number) }
            } catch {
                throw AgentCallError(.cancelled, "\(error)")
            }
        }
        var sum = 0
        for try await number in stream { sum += number }
        #expect(sum == 4950)
    }

    @Test func theCallStartsWithTheFirstRead() async throws {
        let (started, start) = AsyncStream<Void>.makeStream()
        let stream = AgentStream<Int> { _ throws(AgentCallError) in start.finish() }
        var iterator = stream.makeAsyncIterator()
        #expect(try await iterator.next() == nil)
        for await _ in started {}
    }

    @Test func anErrorIsThrownByTheReader() async {
        let stream = AgentStream<Int> { _ throws(AgentCallError) in
            throw AgentCallError(.notFound, "no such agent")
        }
        await #expect(throws: AgentCallError(.notFound, "no such agent")) {
            for try await _ in stream {}
        }
    }

    @Test func lettingTheStreamGoCancelsTheCall() async throws {
        let (ended, end) = AsyncStream<Bool>.makeStream()
        func readOne() async throws {
            for try await _ in endlessStream(reportingTo: end) { break }
        }
        try await readOne()
        for await wasCancelled in ended { #expect(wasCancelled) }
    }

    @Test func cancellingTheReaderCancelsTheCall() async throws {
        let (ended, end) = AsyncStream<Bool>.makeStream()
        let (reading, read) = AsyncStream<Void>.makeStream()
        let reader = Task {
            for try await _ in endlessStream(reportingTo: end) { read.yield() }
        }
        for await _ in reading { break }
        reader.cancel()
        for await wasCancelled in ended { #expect(wasCancelled) }
        await #expect(throws: AgentCallError.self) { try await reader.value }
    }

    /// Sends until it is cancelled, then says whether it was.
    private func endlessStream(
        reportingTo end: AsyncStream<Bool>.Continuation
    ) -> AgentStream<Int> {
        AgentStream { send throws(AgentCallError) in
            do {
                while true { try await send(0) }
            } catch {
                end.yield(Task.isCancelled)
                end.finish()
                throw AgentCallError(.cancelled, "cancelled")
            }
        }
    }
}
