package import GRPCCore
internal import Supervision

/// What operators ask for.
extension Fleet {
    /// Starts an agent and waits until it serves.
    ///
    /// - Parameter name: The agent's name.
    /// - Returns: Its state then.
    /// - Throws: NOT_FOUND; FAILED_PRECONDITION where it does not come to serve, or is run by hand.
    package func startAgent(_ name: String) async throws(RPCError) -> AgentSnapshot {
        let agent = try agent(name)
        try await waitForPort(of: agent)
        try refuseWhenStopping()
        try refuseIfExternal(agent, to: "start")
        agent.handle(.start)
        return try await outcomeOfStart(of: agent, after: agent.machine.failureCount)
    }

    /// Stops an agent and waits until its process group is gone; it stays stopped until started.
    ///
    /// - Parameter name: The agent's name.
    /// - Returns: Its state then.
    /// - Throws: NOT_FOUND; FAILED_PRECONDITION where it is run by hand; CANCELLED.
    package func stopAgent(_ name: String) async throws(RPCError) -> AgentSnapshot {
        let agent = try agent(name)
        try refuseIfExternal(agent, to: "stop")
        agent.stop()
        try await settle(agent.id) { $0.machine.state.hasProcess ? nil : .success(()) }
        return agent.snapshot
    }

    /// Replaces an agent's process and waits until the new one serves.
    ///
    /// - Parameter name: The agent's name.
    /// - Returns: Its state then.
    /// - Throws: NOT_FOUND; FAILED_PRECONDITION where the new one does not come to serve, or
    ///   the agent is run by hand.
    package func restartAgent(_ name: String) async throws(RPCError) -> AgentSnapshot {
        let agent = try agent(name)
        try await waitForPort(of: agent)
        try refuseWhenStopping()
        try refuseIfExternal(agent, to: "restart")
        agent.handle(.restart)
        return try await outcomeOfStart(of: agent, after: agent.machine.failureCount)
    }

    /// An agent that is run by hand is never signalled.
    private func refuseIfExternal(
        _ agent: SupervisedAgent, to action: String
    ) throws(RPCError) {
        if case .external = agent.machine.state { throw .runByHand(agent.id, cannot: action) }
    }

    func outcomeOfStart(
        of agent: SupervisedAgent, after failures: Int
    ) async throws(RPCError) -> AgentSnapshot {
        try await settle(agent.id) { agent in
            switch agent.machine.state {
            case .serving, .unhealthy, .external: return .success(agent.snapshot)
            case .starting, .draining:
                guard agent.machine.failureCount > failures else { return nil }
            case .stopped, .backingOff, .degraded: break
            }
            return .failure(Self.notStarted(agent))
        }
    }

    private static func notStarted(_ agent: SupervisedAgent) -> RPCError {
        guard !agent.isLeaving else {
            return .notStarted(agent.id, "the configuration has it no more")
        }
        guard let failure = agent.machine.lastFailure else {
            return .notStarted(agent.id, "it was stopped")
        }
        if agent.lastWords.isEmpty, failure.isExplainedByOutput {
            let reason = "\(failure.reason), and wrote nothing; run its program by hand to see why"
            return .notStarted(agent.id, reason)
        }
        return .notStarted(agent.id, failure.reason, lines: agent.lastWords)
    }
}

extension Failure {
    /// Half a sentence that follows "cannot do this: ".
    var reason: String {
        switch self {
        case .spawnFailed(let diagnosis): diagnosis
        case .exited(.signaled), .exited(.overMemoryLimit), .exited(.outOfMemory): "it was \(self)"
        case .exited(.exited), .exited(.unknown), .startTimedOut, .unhealthy: "it \(self)"
        }
    }

    /// Whether only the process itself can have said why.
    fileprivate var isExplainedByOutput: Bool {
        switch self {
        case .spawnFailed, .exited(.overMemoryLimit), .exited(.outOfMemory): false
        case .exited(.exited), .exited(.signaled), .exited(.unknown), .startTimedOut, .unhealthy:
            true
        }
    }
}
