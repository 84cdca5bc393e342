import ArgumentParser
import HTTP2Transport
import Testing

@testable import AgentRuntime

struct AdmittedPeersTests {
    @Test func flagsAndSupervisorAreBothHeard() throws {
        let policy = try policy(
            ["--allow-user", "root", "--allow-user", "4000001", "--allow-group", "4000002"],
            ["OP_ALLOWED_USERS": "4000003:4000004", "OP_ALLOWED_GROUPS": "root"])
        guard case .users(let users, let groups, _) = policy else {
            Issue.record("anyone may call")
            return
        }
        #expect(users == [0, 4_000_001, 4_000_003, 4_000_004])
        #expect(groups == [0, 4_000_002])
    }

    @Test(arguments: [[:], ["OP_ALLOWED_USERS": "", "OP_ALLOWED_GROUPS": ""]])
    func nobodyElseIsAdmittedByDefault(variables: [String: String]) throws {
        guard case .users(let users, let groups, let remedy) = try policy([], variables) else {
            Issue.record("anyone may call")
            return
        }
        #expect(users.isEmpty)
        #expect(groups.isEmpty)
        #expect(remedy.contains("--allow-user"))
    }

    @Test func underASupervisorTheRemedyIsItsConfiguration() throws {
        let variables = ["OP_SUPERVISOR_ADDRESS": "127.0.0.1:50050"]
        guard case .users(_, _, let remedy) = try policy([], variables) else { return }
        #expect(remedy.contains("supervisor.allowed_users"))
    }

    @Test(arguments: [
        (["--allow-user", "nobody-of-that-name"], [:], "--allow-user"),
        (["--allow-group", "nobody-of-that-name"], [:], "--allow-group"),
        ([], ["OP_ALLOWED_USERS": "0:nobody-of-that-name"], "OP_ALLOWED_USERS"),
    ])
    func anUnknownAccountKeepsTheAgentFromStarting(
        arguments: [String], variables: [String: String], source: String
    ) throws {
        let error = #expect(throws: AgentStartError.self) { try policy(arguments, variables) }
        #expect(error?.description.hasPrefix("cannot allow the ") == true)
        #expect(error?.description.contains(source) == true)
    }

    private func policy(
        _ arguments: [String], _ variables: [String: String]
    ) throws -> HTTP2ServerTransport.PeerPolicy {
        try AdmittedPeers.policy(
            options: try AgentOptions.parse(arguments), variables: variables)
    }
}
