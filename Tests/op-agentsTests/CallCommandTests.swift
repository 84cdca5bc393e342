import ArgumentParser
import Testing

@testable import op_agents

struct CallCommandTests {
    @Test func aCallIsRead() async throws {
        let command = try await CallCommand.asyncParse([
            "memory", "recall", #"{"key": "k"}"#, "--session", "s", "--timeout", "0.5", "--stream",
        ])
        #expect(command.agent == "memory")
        #expect(command.operation == "recall")
        #expect(command.json == #"{"key": "k"}"#)
        #expect(command.session == "s")
        #expect(command.timeout == 0.5)
        #expect(command.stream)
    }

    @Test(arguments: [
        ["memory"], ["memory", "recall", "{}", "--timeout", "0"],
        ["memory", "recall", "{}", "--timeout", "nan"],
        ["memory", "recall", "{}", "--timeout", "1e9"],
        ["memory", "recall", "{}", "--unknown"],
    ])
    func aWrongCommandLineIsUsage(arguments: [String]) async throws {
        let error = try await #require(throws: (any Error).self) {
            try await CallCommand.asyncParse(arguments)
        }
        #expect(CallCommand.exitCode(for: error).rawValue == ExitStatus.usage.rawValue)
    }
}
