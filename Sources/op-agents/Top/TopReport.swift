import AgentAPI
import AgentClient

/// What the agents do, as `top --json` prints it for programs.
struct TopReport: Encodable {
    /// One agent; what is not known is left out.
    struct Agent: Encodable {
        var id: String
        var state: String
        var pid: Int32?
        /// Of one processor.
        var cpuPercent: Double?
        var residentBytes: UInt64
        var callsPerSecond: Double?
        var p50Us: Double?
        var p99Us: Double?
        var restarts: UInt32
    }

    var sessions: UInt32
    var agents: [Agent]

    /// Takes over what is shown.
    ///
    /// - Parameter view: What is shown.
    init(_ view: TopView) {
        sessions = view.status.sessions
        agents = view.order.sorted(view.agents).map(Agent.init)
    }
}

extension TopReport.Agent {
    /// Takes over an agent.
    ///
    /// - Parameter agent: What it does.
    init(_ agent: AgentActivity) {
        let status = agent.status
        self.init(
            id: status.id, state: AgentState(status.state).rawValue,
            pid: status.pid == 0 ? nil : status.pid, cpuPercent: agent.cpu.map { $0 * 100 },
            residentBytes: status.residentBytes, callsPerSecond: agent.callsPerSecond,
            p50Us: agent.median.map { $0 / .microseconds(1) },
            p99Us: agent.p99.map { $0 / .microseconds(1) }, restarts: status.restarts)
    }
}
