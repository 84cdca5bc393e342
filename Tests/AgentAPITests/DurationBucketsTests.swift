import AgentAPI
import Testing

struct DurationBucketsTests {
    @Test func everyBoundIsTwiceTheOneBefore() {
        let bounds = DurationBuckets.upperBounds
        #expect(bounds.count == DurationBuckets.count - 1)
        #expect(bounds.first == 8.192e-6)
        #expect(zip(bounds, bounds.dropFirst()).allSatisfy { $1 == 2 * $0 })
    }

    @Test func aDurationIsCountedBelowTheFirstBoundThatIsNotSmaller() {
        for (index, bound) in DurationBuckets.upperBounds.enumerated() {
            let nanoseconds = UInt64((bound * 1e9).rounded())
            #expect(DurationBuckets.index(of: nanoseconds - 1) == index)
            #expect(DurationBuckets.index(of: nanoseconds) == index)
            #expect(DurationBuckets.index(of: nanoseconds + 1) == index + 1)
        }
    }

    @Test func theShortestAndTheLongestHaveABucket() {
        #expect(DurationBuckets.index(of: 0) == 0)
        #expect(DurationBuckets.index(of: .max) == DurationBuckets.count - 1)
    }
}
