import AgentAPI
import GRPCCore
import LinuxIO
import SwiftProtobuf
import Testing

@Suite(.timeLimit(.minutes(1)))
struct CallCounterTests {
    private struct Unexpected: Error {}

    @Test func callsAreCountedByHowTheyEnded() async throws {
        let counter = CallCounter()
        try await counter.counting {}
        try await counter.counting {}
        await #expect(throws: RPCError.self) {
            try await counter.counting { throw RPCError(code: .notFound, message: "") }
        }
        await #expect(throws: CancellationError.self) {
            try await counter.counting { throw CancellationError() }
        }
        await #expect(throws: Unexpected.self) {
            try await counter.counting { throw Unexpected() }
        }
        let reading = counter.reading(of: "recall")
        #expect(reading.operation == "recall")
        #expect(reading.callsByStatus == [0: 2, 5: 1, 1: 1, 13: 1])
        #expect(reading.calls == 5)
        #expect(reading.durations.count == 5)
        #expect(reading.durations.counts.count == reading.durations.upperBounds.count + 1)
    }

    @Test func durationsGoIntoTheirBucketAndIntoTheSum() {
        let counter = CallCounter()
        let start = MonotonicInstant(nanoseconds: MonotonicInstant.now.nanoseconds - 3_000_000_000)
        counter.count(.ok, since: start)
        let durations = counter.reading(of: "").durations
        #expect(durations.counts.firstIndex(of: 1) == DurationBuckets.index(of: 3_100_000_000))
        #expect((3..<60).contains(durations.sum))
    }

    @Test func chunksAreCounted() {
        let counter = CallCounter()
        counter.countChunks()
        counter.countChunks(4)
        #expect(counter.reading(of: "").streamedChunks == 5)
    }

    @Test func noCallIsLostBetweenThreads() async {
        let counter = CallCounter()
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1_000 { counter.count(.ok, since: .now) }
                }
            }
        }
        #expect(counter.reading(of: "").callsByStatus == [0: 8_000])
        #expect(counter.reading(of: "").durations.count == 8_000)
    }

    @Test func figuresOfTwoCountersAddUp() {
        let (first, second) = (CallCounter(), CallCounter())
        first.count(.ok, since: .now)
        first.count(.unavailable, since: .now)
        second.count(.ok, since: .now)
        second.countChunks(2)
        var sum = Op_Agents_V1_OperationMetrics()
        sum.add(first.reading(of: ""))
        sum.add(second.reading(of: ""))
        #expect(sum.callsByStatus == [0: 2, 14: 1])
        #expect(sum.durations.count == 3)
        #expect(sum.streamedChunks == 2)
    }

    @Test func aHistogramWithOtherBucketsIsLeftOut() {
        let counter = CallCounter()
        counter.count(.ok, since: .now)
        var sum = counter.reading(of: "").durations
        sum.add(
            .with {
                $0.upperBounds = [1]
                $0.counts = [7, 7]
            })
        #expect(sum.count == 1)
    }
}
