import AgentAPI
import SwiftProtobuf
import Testing

@testable import op_agents

struct EventReportTests {
    @Test func aTransitionHasTheFieldsOfTheContract() throws {
        let event = Op_Supervisor_V1_WatchEventsResponse.with {
            $0.sequence = 7
            $0.at = Google_Protobuf_Timestamp(seconds: 1, nanos: 250_000_000)
            $0.agentID = "memory"
            $0.from = .serving
            $0.to = .backingOff
            $0.cause = "killed by SIGKILL"
        }
        #expect(
            try Report.json(EventReport(event))
                == #"{"agent_id":"memory","at":"1970-01-01T00:00:01.250Z","cause":"killed by SIGKILL","#
                + #""from":"serving","sequence":7,"to":"backing off"}"#)
    }
}
