import LinuxIO
import Testing

@testable import HTTP2Transport

struct TokenBucketTests {
    private let start = MonotonicInstant(nanoseconds: 1_000_000_000)

    @Test func burstIsAllowedAndNoMore() {
        var bucket = TokenBucket(capacity: 3, tokensPerSecond: 10, at: start)
        let taken = (0..<5).map { _ in bucket.take(at: start) }
        #expect(taken == [true, true, true, false, false])
    }

    @Test func rateIsAllowedForEver() {
        var bucket = TokenBucket(capacity: 1, tokensPerSecond: 10, at: start)
        let taken = (1...1000).map { bucket.take(at: start + .milliseconds(100 * $0)) }
        #expect(!taken.contains(false))
        let isTooEarlyTaken = bucket.take(at: start + .milliseconds(100_050))
        #expect(!isTooEarlyTaken)
    }

    @Test func longQuietFillsItToTheCapacityAndNoFurther() {
        var bucket = TokenBucket(capacity: 2, tokensPerSecond: 10, at: start)
        let later = start + .seconds(3600)
        let taken = [bucket.take(2, at: start), bucket.take(2, at: later), bucket.take(at: later)]
        #expect(taken == [true, true, false])
    }

    @Test func clockIsNotReadWhileThereAreTokens() {
        var bucket = TokenBucket(capacity: 2, tokensPerSecond: 10, at: start)
        var readings = 0
        func now() -> MonotonicInstant {
            readings += 1
            return start
        }
        for _ in 0..<2 { _ = bucket.take(at: now()) }
        #expect(readings == 0)
        _ = bucket.take(at: now())
        #expect(readings == 1)
    }
}
