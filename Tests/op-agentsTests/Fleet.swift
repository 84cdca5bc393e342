import AgentAPI
import SwiftProtobuf

/// Statuses for tests.
enum Fleet {
    static let now = Google_Protobuf_Timestamp(seconds: 1_000_000)

    static func agent(
        _ state: Op_Agents_V1_AgentState, id: String = "memory", onDemand: Bool = false,
        _ change: (inout Op_Supervisor_V1_AgentStatus) -> Void = { _ in }
    ) -> Op_Supervisor_V1_AgentStatus {
        .with {
            $0.id = id
            $0.state = state
            $0.onDemand = onDemand
            $0.address = "127.0.0.1:50052"
            change(&$0)
        }
    }

    static func status(
        _ agents: [Op_Supervisor_V1_AgentStatus]
    ) -> Op_Supervisor_V1_StatusResponse {
        .with {
            $0.version = "0.1.0"
            $0.pid = 100
            $0.sessions = 1
            $0.startedAt = Google_Protobuf_Timestamp(seconds: now.seconds - 252)
            $0.agents = agents
        }
    }
}
