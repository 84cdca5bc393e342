import AgentAPI
import AgentClient

/// A transition of an agent, in one line.
enum EventLine {
    /// Writes the line.
    ///
    /// - Parameters:
    ///   - event: The transition.
    ///   - palette: Paints it.
    /// - Returns: `14:05:09.123  memory  serving -> backing off: killed by SIGKILL; starts again in 100 ms`.
    static func text(_ event: Op_Supervisor_V1_WatchEventsResponse, _ palette: Palette) -> String {
        let reason = [event.cause, event.next].filter { !$0.isEmpty }.joined(separator: "; ")
        let from = AgentState(event.from).rawValue
        let to = AgentState(event.to)
        return palette.paint(WallClock.timeOfDay(event.at), .faint)
            + "  \(event.agentID.printable)  \(from) -> \(palette.paint(to.rawValue, style(to)))"
            + (reason.isEmpty ? "" : ": \(reason.printable)")
    }

    private static func style(_ state: AgentState) -> Palette.Style {
        switch state {
        case .serving, .external: .good
        case .stopped: .plain
        case .starting, .draining: .changing
        case .unhealthy, .backingOff, .degraded, .unknown: .bad
        }
    }
}
