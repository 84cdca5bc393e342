internal import LinuxIO

/// What a client has learned about the fleet: where its agents listen and what is safe to repeat.
struct FleetDirectory: Sendable {
    private var addresses: [String: SocketAddress] = [:]
    private var readOnlyNames: [String: Set<String>] = [:]

    /// Takes in a list of agents; an agent that the list lacks keeps the address it had.
    ///
    /// - Parameter agents: What the fleet said. An address that cannot be dialled from here is left out.
    mutating func learn(_ agents: [AgentInfo]) {
        for agent in agents {
            addresses[agent.id] = try? SocketAddress(parsing: agent.address)
        }
    }

    /// Takes in the operations of an agent.
    ///
    /// - Parameters:
    ///   - operations: What the agent said.
    ///   - agent: The agent.
    mutating func learn(_ operations: [AgentOperation], of agent: String) {
        readOnlyNames[agent] = Set(
            operations.lazy.filter(\.isReadOnly).flatMap { [$0.name] + $0.aliases })
    }

    /// Where an agent listens; nil where that is not known.
    func address(of agent: String) -> SocketAddress? { addresses[agent] }

    /// Whether an operation changes nothing; nil where the agent's operations are not known.
    func isReadOnly(_ operation: String, of agent: String) -> Bool? {
        readOnlyNames[agent]?.contains(operation)
    }
}
