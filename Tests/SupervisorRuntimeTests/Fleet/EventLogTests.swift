import AgentManifest
import Supervision
import Testing

@testable import SupervisorRuntime

@Suite(.timeLimit(.minutes(1)))
struct EventLogTests {
    private let log = EventLog()

    private func append(_ count: Int) {
        for number in 0..<count {
            log.append(
                Transition(from: .stopped, to: .stopped, cause: .idle), of: "memory",
                at: Instant(nanoseconds: Int64(number)))
        }
    }

    @Test func theLastThousandAreKept() {
        append(2_500)
        let entries = log.entries(after: 0)
        #expect(entries.count == 1_000)
        #expect(entries.first?.sequence == 1_501)
        #expect(entries.last?.sequence == 2_500)
        #expect(log.entries(after: 2_499).map(\.sequence) == [2_500])
    }

    @Test func aFollowerWaitsForTheNext() async throws {
        append(1)
        async let next = log.next(after: 1)
        append(1)
        #expect(try await next.map(\.sequence) == [2])
    }

    @Test func aCancelledFollowerStops() async {
        let follower = Task { [log] in try await log.next(after: 0) }
        follower.cancel()
        await #expect(throws: CancellationError.self) { try await follower.value }
    }

    @Test func aNumberFromAnEarlierSupervisorBeginsAnew() async throws {
        append(2)
        #expect(try await log.next(after: 99).map(\.sequence) == [1, 2])
    }
}
