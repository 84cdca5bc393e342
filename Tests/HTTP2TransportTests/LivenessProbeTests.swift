import Testing

@testable import HTTP2Transport

struct LivenessProbeTests {
    typealias Step = LivenessProbe.Step

    private var probe = LivenessProbe(
        Keepalive(time: .seconds(10), timeout: .seconds(5), quietTime: .seconds(30)))

    /// Steps as often as there are counts of what was received.
    private mutating func steps(_ received: UInt64..., hasCalls: Bool = true) -> [Step] {
        received.map { probe.step(received: $0, hasCalls: hasCalls) }
    }

    @Test mutating func oneTimerIsEnoughForAllCalls() {
        let delays = [
            probe.connectionDidBegin(), probe.callDidBegin(received: 0),
            probe.callDidBegin(received: 0),
        ]
        #expect(delays == [nil, .seconds(10), nil])
    }

    @Test mutating func busyConnectionSendsNoPing() {
        _ = probe.callDidBegin(received: 0)
        for received in UInt64(1)...100 {
            let steps = steps(received)
            #expect(steps == [.wait(.seconds(10))])
        }
    }

    @Test mutating func silentPeerIsAskedAndGivenUp() {
        _ = probe.callDidBegin(received: 3)
        let steps = steps(3, 3)
        #expect(steps == [.ping(.seconds(5)), .giveUp])
    }

    @Test mutating func peerThatAnswersAndSaysNothingElseIsAskedLessOften() {
        _ = probe.callDidBegin(received: 0)
        let steps = steps(0, 1, 1, 1, 1)
        let wait = Step.wait(.seconds(10))
        #expect(steps == [.ping(.seconds(5)), wait, wait, wait, .ping(.seconds(5))])
    }

    @Test mutating func peerThatSpeaksAgainIsAskedAsSoonAsAtFirst() {
        _ = probe.callDidBegin(received: 0)
        let steps = steps(0, 1, 2, 2)
        let wait = Step.wait(.seconds(10))
        #expect(steps == [.ping(.seconds(5)), wait, wait, .ping(.seconds(5))])
    }

    @Test mutating func newCallHasThePeerAskedAsSoonAsTheFirst() {
        _ = probe.callDidBegin(received: 0)
        _ = steps(0, 1)
        let delay = probe.callDidBegin(received: 1)
        #expect(delay == nil)
        let steps = steps(1)
        #expect(steps == [.ping(.seconds(5))])
    }

    @Test mutating func connectionWithoutCallsRestsUntilTheNextOne() {
        _ = probe.callDidBegin(received: 0)
        let steps = steps(0, 0, hasCalls: false)
        #expect(steps == [.rest, .rest])
        let delay = probe.callDidBegin(received: 0)
        #expect(delay == .seconds(10))
    }

    @Test mutating func connectionWithoutCallsIsWatchedWhereThatIsPermitted() {
        probe = LivenessProbe(
            Keepalive(time: .seconds(10), timeout: .seconds(5), permitWithoutCalls: true))
        let delay = probe.connectionDidBegin()
        #expect(delay == .seconds(10))
        let steps = steps(1, 1, 1, hasCalls: false)
        #expect(steps == [.wait(.seconds(10)), .ping(.seconds(5)), .giveUp])
    }
}
