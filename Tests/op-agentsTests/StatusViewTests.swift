import AgentAPI
import SwiftProtobuf
import Testing

@testable import op_agents

struct StatusViewTests {
    private func lines(_ agents: [Op_Supervisor_V1_AgentStatus]) -> [String] {
        StatusView(Fleet.status(agents), now: Fleet.now).lines(.none)
    }

    @Test func agentsStandInATable() {
        let memory = Fleet.agent(.serving) {
            $0.pid = 4121
            $0.servingSince = Google_Protobuf_Timestamp(seconds: Fleet.now.seconds - 100)
            $0.restarts = 2
            $0.residentBytes = 12_345_678
            $0.cpuUs = 1_200_000
            $0.activeCalls = 3
        }
        #expect(
            lines([memory, Fleet.agent(.stopped, id: "mem0", onDemand: true)]) == [
                "op-supervisor 0.1.0, pid 100, up 4m12s, 1 session",
                "",
                "AGENT   STATE       PID     UP  RESTARTS   MEMORY    CPU  CALLS  ADDRESS",
                "memory  serving    4121  1m40s         2  12.3 MB  1.2 s      3  127.0.0.1:50052",
                "mem0    on demand                      0                      0  127.0.0.1:50052",
            ])
    }

    @Test func whatIsDownIsExplained() {
        let memory = Fleet.agent(.backingOff) {
            $0.lastError = "killed by SIGKILL"
            $0.nextStartAt = Google_Protobuf_Timestamp(
                seconds: Fleet.now.seconds, nanos: 200_000_000)
        }
        #expect(
            lines([memory]).suffix(2) == [
                "", "memory: killed by SIGKILL; starts again in 200 ms",
            ])
    }

    @Test func anOldErrorOfAnAgentThatServesIsNotShown() {
        let memory = Fleet.agent(.serving) { $0.lastError = "killed by SIGKILL" }
        #expect(!lines([memory]).contains { $0.contains("SIGKILL") })
    }
}
