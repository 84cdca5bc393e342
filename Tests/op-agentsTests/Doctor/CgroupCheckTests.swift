import Testing

@testable import op_agents

struct CgroupCheckTests {
    @Test(arguments: [
        (false, String?.none, false, Finding.Verdict.warning), (true, nil, false, .ok),
        (true, "/system.slice/op-supervisor.service", true, .ok),
        (true, "/user.slice", false, .warning),
    ])
    func aGroupOfOnesOwnIsBest(
        isUnified: Bool, group: String?, isDelegated: Bool, verdict: Finding.Verdict
    ) {
        let check = CgroupCheck(
            isUnified: isUnified, supervisorGroup: group, isDelegated: isDelegated)
        #expect(check.findings().map(\.verdict) == [verdict])
    }
}
