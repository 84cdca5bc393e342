import LinuxIO
import Testing

@testable import HTTP2Transport

struct FloodGuardTests {
    private static let start = MonotonicInstant(nanoseconds: 1_000_000_000)
    private var floodGuard = FloodGuard(maximumConcurrentStreams: 2000, at: start)

    /// How many of something in a row, at one instant, are admitted.
    private mutating func burst(_ act: FloodGuard.Act, at now: MonotonicInstant = start) -> Int {
        (0...).first { _ in !floodGuard.admits(act, at: now) } ?? 0
    }

    @Test(arguments: [
        (FloodGuard.Act.reset, 4000), (.offence, 100), (.idleFrame, 10_000), (.settings, 1000),
    ])
    mutating func burstHasItsLimit(act: FloodGuard.Act, limit: Int) {
        let admitted = burst(act)
        #expect(admitted == limit)
    }

    /// In the second after a burst.
    @Test(arguments: [
        (FloodGuard.Act.reset, 1000), (.offence, 10), (.idleFrame, 1000), (.settings, 100),
    ])
    mutating func rateIsAllowedAfterABurst(act: FloodGuard.Act, limit: Int) {
        _ = burst(act)
        // What the bucket held through the burst is filled from the beginning.
        let admitted = burst(act, at: Self.start + .seconds(1))
        #expect(admitted == limit)
    }

    @Test mutating func allCallsOfAClientMayBeCancelledAtOnceTwice() {
        let admitted = burst(.reset)
        #expect(admitted >= 2 * 2000)
    }

    @Test mutating func workPaysForOtherFrames() {
        _ = burst(.idleFrame)
        for _ in 0..<10_000 {
            floodGuard.noteProgress()
            let admitted = burst(.idleFrame)
            #expect(admitted == 10)
        }
    }

    @Test mutating func longLifeIsNoCreditWithoutEnd() {
        for _ in 0..<1_000_000 { floodGuard.noteProgress() }
        let admitted = burst(.idleFrame)
        #expect(admitted == 110_000)
    }

    @Test mutating func workPaysForNoResets() {
        for _ in 0..<1_000_000 { floodGuard.noteProgress() }
        let admitted = burst(.reset)
        #expect(admitted == 4000)
    }
}
