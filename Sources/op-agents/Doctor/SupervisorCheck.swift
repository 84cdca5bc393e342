import AgentAPI
import AgentClient

/// Whether a supervisor answers, and what it says is down.
struct SupervisorCheck: Check {
    let status: Result<Op_Supervisor_V1_StatusResponse, AgentCallError>

    func findings() -> [Finding] {
        switch status {
        case .success(let status):
            let down = status.agents.filter(FleetHealth.isDown)
            let count = status.agents.count
            let text =
                "pid \(status.pid), version \(status.version), \(count - down.count) of \(count) agents up"
            return [.ok("supervisor", text)]
                + down.map { agent in
                    let error = agent.lastError.isEmpty ? "" : ": \(agent.lastError)"
                    return .error(
                        agent.id, "is \(AgentState(agent.state).rawValue)\(error)",
                        remedy: "op-agents logs \(agent.id)")
                }
        case .failure(let error) where error.isUnreachable:
            return [
                .warning(
                    "supervisor", "does not run: \(error.message)",
                    remedy: "systemctl start op-supervisor, or op-supervisor")
            ]
        case .failure(let error):
            return [
                .error(
                    "supervisor", "does not answer: \(error.message)",
                    remedy: "call as root, as its user, or as one of supervisor.allowed_users")
            ]
        }
    }
}
