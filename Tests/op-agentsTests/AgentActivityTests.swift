import AgentAPI
import AgentClient
import SwiftProtobuf
import Testing

@testable import op_agents

struct AgentActivityTests {
    private static let start = ContinuousClock.now

    /// A sample of one agent, so many seconds after the start.
    private func sample(
        after seconds: Int, calls: [Duration], byStatus: [UInt32: UInt64]? = nil,
        _ change: (inout Op_Supervisor_V1_AgentStatus) -> Void
    ) -> FleetSample {
        var operation = Op_Agents_V1_OperationMetrics()
        operation.callsByStatus = byStatus ?? [0: UInt64(calls.count)]
        operation.durations.upperBounds = DurationBuckets.upperBounds
        operation.durations.counts = [UInt64](repeating: 0, count: DurationBuckets.count)
        for duration in calls {
            let nanoseconds = UInt64(duration / .nanoseconds(1))
            operation.durations.counts[DurationBuckets.index(of: nanoseconds)] += 1
        }
        return FleetSample(
            at: Self.start + .seconds(seconds),
            status: Fleet.status([Fleet.agent(.serving, change)]),
            metrics: .with {
                $0.agents = [
                    .with {
                        $0.agentID = "memory"
                        $0.operations = [operation]
                    }
                ]
            })
    }

    private func activity(_ first: FleetSample?, _ second: FleetSample) throws -> AgentActivity {
        try #require(AgentActivity.between(first, and: second).first)
    }

    @Test func nothingIsKnownWithoutAnEarlierSample() throws {
        let activity = try activity(nil, sample(after: 0, calls: [.seconds(1)]) { $0.pid = 7 })
        #expect(activity.cpu == nil)
        #expect(activity.callsPerSecond == nil)
        #expect(activity.p99 == nil)
    }

    @Test func figuresAreOfTheTimeBetween() throws {
        let before = sample(after: 0, calls: [.seconds(9)]) {
            $0.pid = 7
            $0.cpuUs = 1_000_000
        }
        let calls = [Duration](repeating: .microseconds(10), count: 99) + [.milliseconds(3)]
        let after = sample(after: 4, calls: [.seconds(9)] + calls) {
            $0.pid = 7
            $0.cpuUs = 3_000_000
        }
        let activity = try activity(before, after)
        #expect(activity.cpu == 0.5)
        #expect(activity.callsPerSecond == 25)
        let (median, p99) = (try #require(activity.median), try #require(activity.p99))
        #expect((.microseconds(8)...(.microseconds(17))).contains(median))
        #expect((median...(.milliseconds(5))).contains(p99))
    }

    @Test func aNewProcessCountsFromNothing() throws {
        let before = sample(after: 0, calls: [.seconds(1), .seconds(1)]) {
            $0.pid = 7
            $0.cpuUs = 5_000_000
        }
        let after = sample(after: 2, calls: [.milliseconds(1)]) {
            $0.pid = 8
            $0.cpuUs = 200_000
        }
        let activity = try activity(before, after)
        #expect(activity.cpu == 0.1)
        #expect(activity.callsPerSecond == 0.5)
        #expect(try #require(activity.p99) < .milliseconds(3))
    }

    @Test func whoWasNotCalledHasNoDurations() throws {
        let activity = try activity(
            sample(after: 0, calls: [.seconds(1)]) { $0.pid = 7 },
            sample(after: 1, calls: [.seconds(1)]) { $0.pid = 7 })
        #expect(activity.callsPerSecond == 0)
        #expect(activity.median == nil)
    }

    @Test(arguments: [(0.0, 1.0), (0.25, 1.5), (0.5, 2.0), (0.75, 3.0), (1.0, 4.0)])
    func aQuantileLiesWithinItsBucket(part: Double, seconds: Double) throws {
        let histogram = Op_Agents_V1_DurationHistogram.with {
            $0.upperBounds = [1, 2, 4]
            $0.counts = [0, 2, 2, 0]
        }
        let quantile = try #require(histogram.quantile(part))
        #expect(quantile == .seconds(seconds) || part == 0)
    }

    @Test func whatIsAboveAllBoundsIsTakenForTheLast() {
        let histogram = Op_Agents_V1_DurationHistogram.with {
            $0.upperBounds = [1, 2]
            $0.counts = [0, 0, 5]
        }
        #expect(histogram.quantile(0.5) == .seconds(2))
        #expect(Op_Agents_V1_DurationHistogram().quantile(0.5) == nil)
    }
}
