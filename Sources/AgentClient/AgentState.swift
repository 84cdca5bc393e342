package import AgentAPI

/// Where an agent is in its life, as the supervisor sees it.
public enum AgentState: String, Sendable, Hashable, CaseIterable {
    /// Not running, and nothing needs it. An on-demand agent starts with the first call.
    case stopped
    /// Spawned; has not yet said that it is ready.
    case starting
    /// Answers its health checks.
    case serving
    /// Runs, but fails its health checks.
    case unhealthy
    /// Finishes what it has and stops.
    case draining
    /// Ended unexpectedly; waits for its next start.
    case backingOff = "backing off"
    /// Ends again and again. Still retried, at the longest delay; calls fail at once meanwhile.
    case degraded
    /// Run by hand by someone who debugs it.
    case external
    /// A state that only a later version of the fleet knows.
    case unknown

    /// Reads the state as it travels.
    ///
    /// - Parameter state: The state as it travels.
    package init(_ state: Op_Agents_V1_AgentState) {
        self =
            switch state {
            case .stopped: .stopped
            case .starting: .starting
            case .serving: .serving
            case .unhealthy: .unhealthy
            case .draining: .draining
            case .backingOff: .backingOff
            case .degraded: .degraded
            case .external: .external
            case .unspecified, .UNRECOGNIZED: .unknown
            }
    }
}
