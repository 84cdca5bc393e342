internal import AgentAPI
internal import GRPCCore
internal import LinuxIO
private import Synchronization

/// The calls that went through the supervisor, by the agents that they were for.
///
/// Its labels are bounded though callers write what they like: an agent that is none counts as the empty
/// name, and an operation has a name of its own once an agent has answered such a call with OK.
final class RoutedCalls: Sendable {
    /// Who ended a call.
    enum Answerer {
        /// The agent, which may have counted it too.
        case agent
        /// The supervisor, in the agent's place.
        case supervisor
    }

    /// The most operations of one agent that are told apart: an agent may accept any name.
    static let mostOperations = 64
    /// The name of all other operations.
    static let otherOperation = "other"

    fileprivate struct Tally {
        var byAgent: [String: CallCounter] = [:]
        var bySupervisor: [String: CallCounter] = [:]
        /// Whether the agent counts the calls that it ends; most do, so it is taken for granted at first.
        var agentCounts = true
    }

    private let tallies = Mutex(["": Tally(agentCounts: false)])

    /// Says which agents there are; what was counted for others is forgotten.
    ///
    /// - Parameter agents: Their ids.
    func keep(_ agents: [String]) {
        tallies.withLock { tallies in
            let known = Set(agents + [""])
            tallies = tallies.filter { known.contains($0.key) }
            for agent in agents where tallies[agent] == nil { tallies[agent] = Tally() }
        }
    }

    /// Says whether an agent counts the calls that it ends, so that nobody counts them twice.
    ///
    /// - Parameters:
    ///   - agent: Its id.
    ///   - counts: Whether it does.
    func note(_ agent: String, counts: Bool) {
        tallies.withLock { $0[agent]?.agentCounts = counts }
    }

    /// Counts a call that is over.
    ///
    /// - Parameters:
    ///   - agent: The agent's name, as the caller wrote it.
    ///   - operation: The operation's name: what the agent calls it where it has answered.
    ///   - status: How it ended.
    ///   - start: When it came.
    ///   - chunks: The messages of a streamed answer.
    ///   - answerer: Who ended it.
    func count(
        _ agent: String, _ operation: String, _ status: Status.Code, since start: MonotonicInstant,
        chunks: Int, by answerer: Answerer
    ) {
        let counter = tallies.withLock { tallies in
            let agent = tallies[agent] == nil ? "" : agent
            return tallies[agent, default: Tally()].counter(
                for: operation, isReal: status == .ok, by: answerer)
        }
        counter.count(status, since: start)
        if chunks > 0 { counter.countChunks(chunks) }
    }

    /// What was counted of the calls for an agent, and is not counted by the agent itself.
    ///
    /// - Parameter agent: Its id, or the empty name.
    /// - Returns: The figures, by the operations' names.
    func readings(of agent: String) -> [Op_Agents_V1_OperationMetrics] {
        let tally = tallies.withLock { $0[agent] ?? Tally() }
        let counted = [tally.bySupervisor] + (tally.agentCounts ? [] : [tally.byAgent])
        return Set(counted.flatMap(\.keys)).sorted().map { name in
            var reading = Op_Agents_V1_OperationMetrics()
            reading.operation = name
            for counter in counted.compactMap({ $0[name] }) {
                reading.add(counter.reading(of: name))
            }
            return reading
        }
    }
}

extension RoutedCalls.Tally {
    fileprivate mutating func counter(
        for operation: String, isReal: Bool, by answerer: RoutedCalls.Answerer
    ) -> CallCounter {
        let isKnown = byAgent[operation] != nil
        let hasRoom = byAgent.count < RoutedCalls.mostOperations
        let name = isKnown || (isReal && hasRoom) ? operation : RoutedCalls.otherOperation
        switch answerer {
        case .agent: return byAgent.counter(named: name)
        case .supervisor: return bySupervisor.counter(named: name)
        }
    }
}

extension [String: CallCounter] {
    fileprivate mutating func counter(named name: String) -> CallCounter {
        if let counter = self[name] { return counter }
        let counter = CallCounter()
        self[name] = counter
        return counter
    }
}
