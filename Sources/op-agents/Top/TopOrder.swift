import AgentAPI
import ArgumentParser

/// What the agents are sorted by, and the key that asks for it.
enum TopOrder: String, CaseIterable, ExpressibleByArgument, Sendable {
    case name, cpu, memory, calls, latency, restarts

    /// The key on the keyboard.
    var key: Character {
        switch self {
        case .name: "n"
        case .cpu: "c"
        case .memory: "m"
        case .calls: "r"
        case .latency: "l"
        case .restarts: "x"
        }
    }

    /// The heading of its column.
    var heading: String {
        switch self {
        case .name: "AGENT"
        case .cpu: "CPU%"
        case .memory: "MEMORY"
        case .calls: "CALLS/S"
        case .latency: "P99"
        case .restarts: "RESTARTS"
        }
    }

    /// The largest first, names in their order; so are those that are equal.
    ///
    /// - Parameter agents: In any order.
    /// - Returns: In this one.
    func sorted(_ agents: [AgentActivity]) -> [AgentActivity] {
        agents.sorted { first, second in
            let (left, right) = (value(of: first), value(of: second))
            return left == right ? first.status.id < second.status.id : left > right
        }
    }

    private func value(of agent: AgentActivity) -> Double {
        switch self {
        case .name: 0
        case .cpu: agent.cpu ?? 0
        case .memory: Double(agent.status.residentBytes)
        case .calls: agent.callsPerSecond ?? 0
        case .latency: (agent.p99 ?? .zero) / .seconds(1)
        case .restarts: Double(agent.status.restarts)
        }
    }
}
