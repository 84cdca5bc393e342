import AgentAPI
import SwiftProtobuf
import Testing

@testable import op_agents

struct ManualCommandLineTests {
    private let answer = Op_Supervisor_V1_AttachResponse.with {
        $0.command = ["/usr/libexec/op-agent-memory", "--port", "50052"]
        $0.environment = ["OP_AGENT_STATE_DIR": "/var/lib/op agents/memory", "A": "it's"]
        $0.userID = 998
    }

    @Test func whatAShellWouldReadOtherwiseIsQuoted() {
        #expect(
            ManualCommandLine.text(answer, userID: 998)
                == "env 'A=it'\\''s' 'OP_AGENT_STATE_DIR=/var/lib/op agents/memory' "
                + "/usr/libexec/op-agent-memory --port 50052")
    }

    @Test func somebodyElseBecomesTheUserOfTheState() {
        let text = ManualCommandLine.text(answer, userID: 0)
        #expect(text.hasPrefix("sudo -u '#998' env "))
    }
}
