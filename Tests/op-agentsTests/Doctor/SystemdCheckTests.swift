import Testing

@testable import op_agents

struct SystemdCheckTests {
    private func verdicts(_ properties: String, unlingering: String? = nil) -> [Finding.Verdict] {
        let unit = SystemdCheck.Unit(
            name: "op-supervisor.service", properties: SystemdCheck.properties(properties))
        return SystemdCheck(version: "systemd 252", units: [unit], unlingeringUser: unlingering)
            .findings().map(\.verdict)
    }

    @Test(arguments: [
        ("LoadState=loaded\nActiveState=active\nUnitFileState=enabled\n", Finding.Verdict.ok),
        ("LoadState=loaded\nActiveState=active\nUnitFileState=disabled\n", .warning),
        ("LoadState=not-found\nActiveState=inactive\nUnitFileState=\n", .warning),
        ("LoadState=loaded\nActiveState=failed\nUnitFileState=enabled\nResult=watchdog\n", .error),
        ("", .warning),
    ])
    func aUnitIsJudgedByItsProperties(properties: String, verdict: Finding.Verdict) {
        #expect(verdicts(properties) == [.ok, verdict])
    }

    @Test func aUserWhoDoesNotLingerIsToldOf() {
        let enabled = "LoadState=loaded\nActiveState=active\nUnitFileState=enabled\n"
        #expect(verdicts(enabled, unlingering: "ada") == [.ok, .ok, .warning])
    }

    @Test func aMachineWithoutSystemdIsToldOf() {
        let check = SystemdCheck(version: nil, units: [], unlingeringUser: nil)
        #expect(check.findings().map(\.verdict) == [.warning])
    }
}
