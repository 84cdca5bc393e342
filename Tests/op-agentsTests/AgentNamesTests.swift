import Testing

@testable import op_agents

struct AgentNamesTests {
    @Test(arguments: [
        (["op-agents", "stop", "--address", "unix:/a", ""], String?("unix:/a")),
        (["op-agents", "--address=127.0.0.1:1", "stop", ""], "127.0.0.1:1"),
        (["op-agents", "stop", "--address"], nil), (["op-agents", "stop", ""], nil),
    ])
    func theOptionsOfTheLineCount(words: [String], expected: String?) {
        #expect(AgentNames.value(of: "--address", in: words) == expected)
    }
}
