internal import AgentManifest
internal import GRPCCore
internal import LinuxIO

/// Waiting for an agent.
extension Fleet {
    /// Waits until an agent is in a state that decides something.
    ///
    /// - Parameters:
    ///   - id: The agent.
    ///   - decide: Looks at the agent now and after everything that happens to it; `nil` to go on.
    /// - Returns: What was decided.
    /// - Throws: What was decided; CANCELLED where the task is cancelled before.
    @discardableResult
    func settle<Value: Sendable>(
        _ id: AgentID, _ decide: @escaping (SupervisedAgent) -> Result<Value, RPCError>?
    ) async throws(RPCError) -> Value {
        guard let agent = agents[id] else { throw .unknownAgent(id.rawValue, known: order) }
        if let result = decide(agent) { return try result.get() }
        lastWaiter += 1
        let number = lastWaiter
        let result = await withTaskCancellationHandler {
            // A method of this actor: a closure that does not use it would not be isolated by it.
            await wait(for: agent, as: number, until: decide)
        } onCancel: {
            loop.execute {
                self.assumeIsolated { $0.agents[id]?.cancelWaiter(number) }
            }
        }
        return try result.get()
    }

    private func wait<Value: Sendable>(
        for agent: SupervisedAgent, as number: UInt64,
        until decide: @escaping (SupervisedAgent) -> Result<Value, RPCError>?
    ) async -> Result<Value, RPCError> {
        await withCheckedContinuation { continuation in
            let look = { (agent: SupervisedAgent) in
                guard let result = decide(agent) else { return false }
                continuation.resume(returning: result)
                return true
            }
            let cancel = { continuation.resume(returning: .failure(.noLongerAwaited)) }
            // Others may have had the actor since it was last looked at, or the task was cancelled.
            if Task.isCancelled {
                cancel()
            } else if !look(agent) {
                agent.addWaiter(number, look: look, cancel: cancel)
            }
        }
    }
}
