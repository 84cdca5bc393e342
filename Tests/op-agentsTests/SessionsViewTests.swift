import AgentAPI
import SwiftProtobuf
import Testing

@testable import op_agents

struct SessionsViewTests {
    @Test func noSessionIsSaid() {
        #expect(SessionsView([], now: Fleet.now).lines(.none) == ["no session is open"])
    }

    @Test func sessionsStandInATable() {
        func moment(_ offset: Int64) -> Google_Protobuf_Timestamp {
            Google_Protobuf_Timestamp(seconds: Fleet.now.seconds + offset)
        }
        let session = Op_Supervisor_V1_SessionInfo.with {
            $0.sessionID = "abc"
            $0.clientName = "op-chat"
            $0.startedAt = moment(-90)
            $0.lastCallAt = moment(-3)
            $0.expiresAt = moment(897)
            $0.activeCalls = 2
            $0.agents = ["mem0"]
            $0.metadata = ["user": "u", "host": "h"]
        }
        #expect(
            SessionsView([session], now: Fleet.now).lines(.none) == [
                "SESSION  CLIENT     AGE   IDLE  ENDS IN  CALLS  KEEPS  METADATA",
                "abc      op-chat  1m30s  3.0 s   14m57s      2  mem0   host=h user=u",
            ])
    }
}
