import Testing

@testable import op_agents

struct ClockCheckTests {
    @Test(arguments: [
        (Int64(0), Bool?(true), Finding.Verdict.error), (1_800_000_000, true, .ok),
        (1_800_000_000, false, .warning), (1_800_000_000, nil, .ok),
    ])
    func aClockThatCannotBeRightIsToldOf(
        now: Int64, isSynchronized: Bool?, verdict: Finding.Verdict
    ) {
        let check = ClockCheck(now: now, isSynchronized: isSynchronized)
        #expect(check.findings().map(\.verdict) == [verdict])
    }
}
