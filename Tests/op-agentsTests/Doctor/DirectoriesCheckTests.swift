import Testing

@testable import op_agents

struct DirectoriesCheckTests {
    @Test(arguments: [
        (DirectoriesCheck.Purpose.own, UInt32?(0o700), UInt32(998), Finding.Verdict.ok),
        (.own, nil, 0, .ok), (.own, 0o755, 998, .warning), (.own, 0o770, 998, .error),
        (.own, 0o700, 0, .error), (.configuration, 0o755, 0, .ok),
        (.configuration, 0o755, 998, .ok),
        (.configuration, 0o777, 0, .error), (.configuration, 0o755, 1000, .error),
    ])
    func onlyTheFleetMayChangeWhatItUses(
        purpose: DirectoriesCheck.Purpose, mode: UInt32?, owner: UInt32, verdict: Finding.Verdict
    ) {
        let place = DirectoriesCheck.Place(
            path: "/var/lib/op-agents", purpose: purpose, mode: mode, owner: owner)
        #expect(DirectoriesCheck(places: [place], user: 998).findings().map(\.verdict) == [verdict])
    }
}
