import Testing

@testable import AgentClient

struct RetryPolicyTests {
    @Test(arguments: [
        (0, Duration.milliseconds(50)), (1, .milliseconds(80)), (2, .milliseconds(128)),
        (8, .seconds(2)), (1_000_000, .seconds(2)),
    ])
    func delaysGrowToACap(retry: Int, expected: Duration) {
        #expect(RetryPolicy(maximum: .max).delay(beforeRetry: retry, chance: 0.5) == expected)
    }

    @Test(arguments: [(0.0, Duration.milliseconds(40)), (1.0, .milliseconds(60))])
    func chanceMovesADelayByAFifth(chance: Double, expected: Duration) {
        #expect(RetryPolicy(maximum: 1).delay(beforeRetry: 0, chance: chance) == expected)
    }

    @Test func retriesEnd() {
        let policy = RetryPolicy(maximum: 2)
        #expect(policy.delay(beforeRetry: 1, chance: 0.5) != nil)
        #expect(policy.delay(beforeRetry: 2, chance: 0.5) == nil)
        #expect(RetryPolicy(maximum: 0).delay(beforeRetry: 0, chance: 0.5) == nil)
    }
}
