package import AgentManifest

/// Which on-demand agents are started ahead of a session, by what its kind of client used before.
package struct PrewarmPolicy: Equatable, Sendable, Codable {
    /// How many of a client's last sessions count.
    package static let memory = 20
    /// How many kinds of client are learned from: a client that makes up names fills no memory.
    package static let capacity = 1_000

    /// The agents that the last sessions used, by client, the oldest session first.
    private var history: [String: [Set<AgentID>]] = [:]

    /// Makes a policy that has seen no session.
    package init() {}

    /// Learns from a session that ended.
    ///
    /// - Parameter session: The session; one without a client's name teaches nothing.
    package mutating func learn(from session: Session) {
        guard !session.client.isEmpty else { return }
        guard history[session.client] != nil || history.count < Self.capacity else { return }
        let sessions = history[session.client, default: []] + [session.usedAgents]
        history[session.client] = sessions.suffix(Self.memory)
    }

    /// The agents to start ahead for a client.
    ///
    /// - Parameters:
    ///   - client: The kind of client.
    ///   - configured: What the configuration says, which counts before what was learned.
    /// - Returns: The configured agents, else those that at least half of the client's last sessions
    ///   used, in order.
    package func agents(
        for client: String, configured: [String: [AgentID]]
    ) -> [AgentID] {
        if let agents = configured[client] { return agents }
        guard let sessions = history[client] else { return [] }
        var uses: [AgentID: Int] = [:]
        for agent in sessions.joined() { uses[agent, default: 0] += 1 }
        return uses.filter { $0.value * 2 >= sessions.count }.keys.sorted()
    }
}
