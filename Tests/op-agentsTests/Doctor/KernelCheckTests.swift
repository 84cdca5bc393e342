import Testing

@testable import op_agents

struct KernelCheckTests {
    @Test(arguments: [
        ("6.18.44-fc-v509", [Finding.Verdict.ok]), ("5.14.0", [.ok]),
        ("5.10.0-28-amd64", [.warning]),
        ("5.4.0", [.error]), ("4.19", [.error]), ("", [.warning]),
    ])
    func whatAKernelLacksIsSaid(release: String, verdicts: [Finding.Verdict]) {
        #expect(KernelCheck(release: release).findings().map(\.verdict) == verdicts)
    }
}
