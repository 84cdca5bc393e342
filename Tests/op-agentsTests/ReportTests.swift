import AgentAPI
import SwiftProtobuf
import Testing

@testable import op_agents

struct ReportTests {
    @Test func statusHasTheFieldsOfTheContract() throws {
        let agent = Fleet.agent(.backingOff) {
            $0.residentBytes = 12
            $0.nextStartAt = Google_Protobuf_Timestamp(seconds: 0)
        }
        let json = try Report.json(StatusReport(Fleet.status([agent])))
        #expect(!json.contains("\n"))
        for part in [
            #""state":"backing off""#, #""is_down":true"#, #""resident_bytes":12"#,
            #""next_start_at":"1970-01-01T00:00:00.000Z""#, #""sessions":1"#, #""version":"0.1.0""#,
        ] {
            #expect(json.contains(part), "\(part) in \(json)")
        }
    }

    @Test func sessionsHaveTheFieldsOfTheContract() throws {
        let session = Op_Supervisor_V1_SessionInfo.with {
            $0.sessionID = "s/1"
            $0.clientName = "op-chat"
            $0.metadata = ["camelKey": "value"]
        }
        let json = try Report.json(SessionsReport([session]))
        #expect(json.contains(#""session_id":"s/1""#))
        #expect(json.contains(#""metadata":{"camelKey":"value"}"#))
    }
}
