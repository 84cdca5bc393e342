import AgentAPI
import SwiftProtobuf
import Testing

@testable import op_agents

struct EventLineTests {
    @Test(arguments: [
        (
            "killed by SIGKILL", "starts again in 100 ms",
            ": killed by SIGKILL; starts again in 100 ms"
        ),
        ("said READY=1", "", ": said READY=1"),
        ("", "", ""),
    ])
    func aTransitionSaysWhy(cause: String, next: String, expected: String) {
        let text = EventLine.text(
            .with {
                $0.agentID = "memory"
                $0.from = .serving
                $0.to = .backingOff
                $0.cause = cause
                $0.next = next
            }, .none)
        #expect(text.hasSuffix("  memory  serving -> backing off" + expected))
    }
}
