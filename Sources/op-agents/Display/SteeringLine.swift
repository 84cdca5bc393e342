import AgentAPI
import AgentClient

/// What became of an agent that was started or stopped, in one line.
enum SteeringLine {
    /// Writes the line.
    ///
    /// - Parameters:
    ///   - agent: How it is then.
    ///   - palette: Paints it.
    /// - Returns: `memory: serving, pid 4121, after 38 ms`.
    static func text(_ agent: Op_Supervisor_V1_AgentStatus, _ palette: Palette) -> String {
        let state = AgentState(agent.state)
        let style: Palette.Style = state == .stopped ? .plain : FleetHealth.style(agent)
        var line = "\(agent.id.printable): \(palette.paint(state.rawValue, style))"
        if agent.pid != 0 { line += ", pid \(agent.pid)" }
        if state == .serving, agent.spawnToServingUs > 0 {
            let time = Duration.microseconds(Int64(clamping: agent.spawnToServingUs))
            line += ", after \(HumanUnits.duration(time))"
        }
        return line
    }
}
