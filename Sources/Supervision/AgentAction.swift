/// What is to be done for an agent.
package enum AgentAction: Hashable, Sendable {
    /// Bring the port's listening socket into this condition, before what follows.
    case setListener(Listener)
    /// Start an instance.
    case spawn(Generation)
    /// Ask the instance to end: SIGTERM to its leader, which drains.
    case terminate(Generation)
    /// End the instance: SIGKILL to its process group or cgroup.
    case kill(Generation)
    /// Ask the instance's health and report the answer, or its absence after the timeout.
    case probe(Generation, timeout: Duration)
    /// Tell who watches.
    case report(Transition)
}

/// The condition of an agent's listening socket.
package enum Listener: String, Hashable, Sendable {
    /// Closed, so that connections are refused at once.
    case closed
    /// Open; connections are for the instance, or wait for it in the backlog.
    case open
    /// Open and watched, since the first connection starts the agent.
    case watched
}
