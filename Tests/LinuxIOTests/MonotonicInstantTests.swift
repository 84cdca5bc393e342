import LinuxIO
import Testing

struct MonotonicInstantTests {
    @Test(
        arguments: [
            (1_000, .nanoseconds(5), 1_005),
            (0, .seconds(2) + .milliseconds(3), 2_003_000_000),
            (7, .zero, 7),
            (7, .nanoseconds(-1), 7),
            (7, .seconds(-1), 7),
            (.max - 1, .nanoseconds(1), .max),
            (.max, .nanoseconds(1), .max),
            (0, .seconds(Int64.max), .max),
            (1, .seconds(18_446_744_073) + .milliseconds(800), .max),
        ] as [(UInt64, Duration, UInt64)])
    func additionEndsAtTheLastInstant(start: UInt64, duration: Duration, sum: UInt64) {
        #expect(
            MonotonicInstant(nanoseconds: start) + duration == MonotonicInstant(nanoseconds: sum))
    }

    @Test(
        arguments: [
            (15, 5, .nanoseconds(10)),
            (5, 5, .zero),
            (5, 15, .zero),
            (.max, 0, .nanoseconds(Int64.max)),
        ] as [(UInt64, UInt64, Duration)])
    func distanceIsNeverNegative(later: UInt64, earlier: UInt64, distance: Duration) {
        let later = MonotonicInstant(nanoseconds: later)
        #expect(later.since(MonotonicInstant(nanoseconds: earlier)) == distance)
    }

    @Test func presentDoesNotGoBack() {
        let earlier = MonotonicInstant.now
        #expect(MonotonicInstant.now >= earlier)
    }
}
