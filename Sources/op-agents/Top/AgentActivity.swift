import AgentAPI
import AgentClient

/// What an agent did between two samples.
struct AgentActivity: Sendable {
    /// How it is at the end.
    let status: Op_Supervisor_V1_AgentStatus
    /// What it used of a processor, where 1 is all of one; nil without an earlier sample.
    let cpu: Double?
    /// Calls that ended, each second.
    let callsPerSecond: Double?
    /// Half of the calls were not slower; nil where none ended.
    let median: Duration?
    /// One in a hundred was slower.
    let p99: Duration?

    /// Compares two samples.
    ///
    /// - Parameters:
    ///   - previous: The earlier one, if there is one.
    ///   - sample: The later one.
    /// - Returns: The agents, in the order in which they start.
    static func between(_ previous: FleetSample?, and sample: FleetSample) -> [AgentActivity] {
        let before = Dictionary(
            (previous?.status.agents ?? []).map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        return sample.status.agents.map { status in
            guard let previous else {
                return AgentActivity(
                    status: status, cpu: nil, callsPerSecond: nil, median: nil, p99: nil)
            }
            let seconds = max(previous.at.duration(to: sample.at) / .seconds(1), 1e-3)
            let old = before[status.id]
            // A process that is new has used all of its time since.
            let cpuBefore = old?.pid == status.pid ? old?.cpuUs ?? 0 : 0
            let calls = sample.calls(of: status.id).since(previous.calls(of: status.id))
            return AgentActivity(
                status: status,
                cpu: Double(status.cpuUs - min(cpuBefore, status.cpuUs)) / 1e6 / seconds,
                callsPerSecond: Double(calls.calls) / seconds,
                median: calls.durations.quantile(0.5), p99: calls.durations.quantile(0.99))
        }
    }
}
