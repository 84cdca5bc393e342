package import AgentManifest

/// Lets agents that all are to start do so a few at a time, in order.
///
/// Started all at once, each would take as long as all of them together, and the time limit of each is
/// meant for one.
package struct StartTurns: Sendable {
    private let most: Int
    private var waiting: ArraySlice<AgentID> = []
    private var starting: Set<AgentID> = []

    /// Makes turns for agents that are yet to come.
    ///
    /// - Parameter most: How many may start at the same time; at least 1.
    package init(most: Int) {
        precondition(most > 0, "nobody would ever have a turn")
        self.most = most
    }

    /// Takes agents in, behind those that wait.
    ///
    /// - Parameter agents: The agents, none of which has been taken in before.
    /// - Returns: Those that may start now.
    package mutating func take(_ agents: [AgentID]) -> [AgentID] {
        waiting += agents
        return giveTurns()
    }

    /// Notes that an agent starts no more: it serves, or has failed to.
    ///
    /// - Parameter agent: Any agent; one that did not have a turn changes nothing.
    /// - Returns: Those that may start now.
    package mutating func end(_ agent: AgentID) -> [AgentID] {
        guard starting.remove(agent) != nil else { return [] }
        return giveTurns()
    }

    private mutating func giveTurns() -> [AgentID] {
        let next = waiting.prefix(most - starting.count)
        waiting.removeFirst(next.count)
        starting.formUnion(next)
        return Array(next)
    }
}
