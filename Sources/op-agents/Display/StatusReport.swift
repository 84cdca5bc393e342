import AgentAPI
import AgentClient
import FoundationEssentials
import SwiftProtobuf

/// The fleet as `status --json` prints it, for programs.
///
/// Its keys are the fields of `StatusResponse`.
struct StatusReport: Encodable {
    /// One agent.
    struct Agent: Encodable {
        var id: String
        var state: String
        var isDown: Bool
        var acceptsCalls: Bool
        var onDemand: Bool
        var address: String
        var description: String
        var pid: Int32?
        var servingSince: Date?
        var restarts: UInt32
        var residentBytes: UInt64
        var cpuUs: UInt64
        var spawnToServingUs: UInt64
        var activeCalls: UInt32
        var lastError: String?
        var nextStartAt: Date?
    }

    var version: String
    var pid: Int32
    var startedAt: Date?
    var sessions: UInt32
    var shutdown: String?
    var agents: [Agent]

    /// Takes over a status.
    ///
    /// - Parameter status: How the fleet is.
    init(_ status: Op_Supervisor_V1_StatusResponse) {
        version = status.version
        pid = status.pid
        startedAt = status.hasStartedAt ? Date(status.startedAt) : nil
        sessions = status.sessions
        shutdown = status.shutdown.isEmpty ? nil : status.shutdown
        agents = status.agents.map(Agent.init)
    }
}

extension StatusReport.Agent {
    /// Takes over an agent.
    ///
    /// - Parameter agent: How it is.
    init(_ agent: Op_Supervisor_V1_AgentStatus) {
        self.init(
            id: agent.id, state: AgentState(agent.state).rawValue,
            isDown: FleetHealth.isDown(agent), acceptsCalls: agent.acceptsCalls,
            onDemand: agent.onDemand, address: agent.address,
            description: agent.description_p, pid: agent.pid == 0 ? nil : agent.pid,
            servingSince: agent.hasServingSince ? Date(agent.servingSince) : nil,
            restarts: agent.restarts, residentBytes: agent.residentBytes, cpuUs: agent.cpuUs,
            spawnToServingUs: agent.spawnToServingUs, activeCalls: agent.activeCalls,
            lastError: agent.lastError.isEmpty ? nil : agent.lastError,
            nextStartAt: agent.hasNextStartAt ? Date(agent.nextStartAt) : nil)
    }
}
