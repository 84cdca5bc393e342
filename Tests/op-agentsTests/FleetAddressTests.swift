import ArgumentParser
import Testing

@testable import op_agents

struct FleetAddressTests {
    @Test(arguments: [
        (["--address", "127.0.0.1:1"], ["OP_AGENTS_ADDRESS": "127.0.0.1:2"], "127.0.0.1:1"),
        ([], ["OP_AGENTS_ADDRESS": "unix:/run/s"], "unix:/run/s"),
        (["--config", "/nonexistent.toml"], ["OP_AGENTS_ADDRESS": ""], "127.0.0.1:50050"),
    ])
    func theNearestWordCounts(
        arguments: [String], environment: [String: String], expected: String
    ) throws {
        #expect(
            try FleetAddress.parse(arguments).resolved(environment: environment) == expected)
    }
}
