import Testing

@testable import op_agents

struct ToolchainCheckTests {
    @Test(arguments: [
        (String?("cargo 1.95.0"), true, Finding.Verdict.ok), (nil, true, .error),
        (nil, false, .warning),
    ])
    func whatTheAgentCannotDoWithoutIsAnError(
        version: String?, isEssential: Bool, verdict: Finding.Verdict
    ) {
        let tool = ToolchainCheck.Tool(
            name: "cargo", version: version, isEssential: isEssential, remedy: "install it")
        let findings = ToolchainCheck(tools: [tool], path: "/bin").findings()
        #expect(findings.map(\.verdict) == [verdict])
    }
}
