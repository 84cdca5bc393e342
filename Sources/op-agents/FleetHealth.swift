import AgentAPI
import AgentClient

/// Judges whether a fleet is as it should be.
enum FleetHealth {
    /// Whether an agent is down: a call to it now would fail, or an always-on agent is not there.
    ///
    /// - Parameter agent: How it is.
    /// - Returns: False for an on-demand agent that is stopped or on its way: it starts with a call.
    static func isDown(_ agent: Op_Supervisor_V1_AgentStatus) -> Bool {
        switch AgentState(agent.state) {
        case .serving: false
        case .external: !agent.acceptsCalls
        case .stopped, .starting, .draining: !agent.onDemand
        case .unhealthy, .backingOff, .degraded, .unknown: true
        }
    }

    /// What a status means for the exit.
    ///
    /// - Parameter status: How the fleet is.
    /// - Returns: Fine, or down where any agent is.
    static func exitStatus(_ status: Op_Supervisor_V1_StatusResponse) -> ExitStatus {
        status.agents.contains(where: isDown) ? .down : .fine
    }

    /// The colour of an agent's state.
    ///
    /// - Parameter agent: How it is.
    /// - Returns: The style.
    static func style(_ agent: Op_Supervisor_V1_AgentStatus) -> Palette.Style {
        switch AgentState(agent.state) {
        case .serving: .good
        case .external: agent.acceptsCalls ? .good : .bad
        case .starting, .draining: .changing
        case .stopped: agent.onDemand ? .faint : .bad
        case .unhealthy, .backingOff, .degraded, .unknown: .bad
        }
    }
}
