internal import AgentAPI
internal import GRPCCore
internal import LinuxIO
internal import SwiftProtobuf

extension GRPCAgentClient {
    /// Runs one operation and answers once, with a bounded result.
    ///
    /// - Parameter call: What to run.
    /// - Returns: What it answered.
    /// - Throws: Why the call could not be carried out.
    public func execute(_ call: AgentCall) async throws(AgentCallError) -> AgentResult {
        let start = MonotonicInstant.now
        let outcome: Result<AgentResult, AgentCallError>
        do throws(AgentCallError) {
            let response = try await carryOut(
                for: call.agent, timeout: call.timeout ?? configuration.requestTimeout,
                repetition: .safeIfReadOnly(operation: call.operation, agent: call.agent)
            ) { channel, timeout throws(AgentCallError) in
                try await channel.execute(call.request, timeout: timeout)
            }
            outcome = .success(AgentResult(response))
        } catch {
            outcome = .failure(error)
        }
        metrics?.count(call, outcome, since: start)
        return try outcome.get()
    }

    /// Runs one operation and shows its output as it appears; the last chunk is the result.
    ///
    /// It is repeated where it could not be sent, never once it was: its output cannot be taken back.
    ///
    /// - Parameter call: What to run. Its time limit is none by default.
    /// - Returns: The output. The call starts when it is read.
    public func executeStream(_ call: AgentCall) -> AgentStream<AgentChunk> {
        AgentStream { send throws(AgentCallError) in
            let tally = self.metrics.map { StreamTally(call, in: $0) }
            do throws(AgentCallError) {
                try await self.carryOut(
                    for: call.agent, timeout: call.timeout, repetition: .unsafe
                ) { channel, timeout throws(AgentCallError) in
                    try await channel.executeStream(call.request, timeout: timeout) {
                        let chunk = AgentChunk($0)
                        tally?.count(chunk)
                        try await send(chunk)
                    }
                }
                tally?.end()
            } catch {
                tally?.end(error)
                throw error
            }
        }
    }

    /// Runs several operations.
    ///
    /// - Parameters:
    ///   - calls: At most 1,000. They belong to the session of the batch where they name none.
    ///   - inParallel: Run them at once, at most 32 at a time; true by default. Otherwise each waits for the one
    ///     before it.
    ///   - sessionID: The session that the batch belongs to; none by default.
    ///   - timeout: How long all of them together may take; the client's own limit by default.
    /// - Returns: What became of each, in the order of the calls. One that fails does not end the others.
    /// - Throws: Why the batch as a whole could not be carried out.
    public func batch(
        _ calls: [AgentCall], inParallel: Bool = true, sessionID: String? = nil,
        timeout: Duration? = nil
    ) async throws(AgentCallError) -> [Result<AgentResult, AgentCallError>] {
        var outcomes = [Result<AgentResult, AgentCallError>](
            repeating: .failure(Self.unanswered), count: calls.count)
        let results = batchStream(
            calls, inParallel: inParallel, sessionID: sessionID,
            timeout: timeout ?? configuration.requestTimeout)
        for try await result in results where outcomes.indices.contains(result.index) {
            outcomes[result.index] = result.outcome
        }
        return outcomes
    }

    /// Runs several operations and shows what became of each as soon as it is known.
    ///
    /// - Parameters:
    ///   - calls: At most 1,000. They belong to the session of the batch where they name none.
    ///   - inParallel: Run them at once, at most 32 at a time, and answer as they finish; true by default.
    ///   - sessionID: The session that the batch belongs to; none by default.
    ///   - timeout: How long all of them together may take; without limit by default.
    /// - Returns: The results. The calls start when they are read.
    public func batchStream(
        _ calls: [AgentCall], inParallel: Bool = true, sessionID: String? = nil,
        timeout: Duration? = nil
    ) -> AgentStream<BatchResult> {
        let request = Op_Agents_V1_BatchExecuteRequest.with {
            $0.sessionID = sessionID ?? ""
            $0.requests = calls.map(\.request)
            $0.parallel = inParallel
        }
        let agents = Set(calls.map(\.agent))
        return AgentStream { send throws(AgentCallError) in
            let tally = self.metrics.map { BatchTally(calls, in: $0) }
            do throws(AgentCallError) {
                // A batch for one agent goes to that agent; any other needs a port that forwards.
                try await self.carryOut(
                    for: agents.count == 1 ? agents.first : nil, timeout: timeout,
                    repetition: .unsafe
                ) { channel, timeout throws(AgentCallError) in
                    try await channel.batchExecute(request, timeout: timeout) {
                        let result = BatchResult($0)
                        tally?.count(result)
                        try await send(result)
                    }
                }
                tally?.end(Self.unanswered)
            } catch {
                tally?.end(error)
                throw error
            }
        }
    }

    /// What became of a call of a batch that went well but did not mention it.
    private static var unanswered: AgentCallError {
        AgentCallError(.internalError, "cannot find the answer: none came for this call")
    }

    /// The agents of the fleet.
    ///
    /// - Throws: Why they could not be listed.
    public func agents() async throws(AgentCallError) -> [AgentInfo] {
        let response = try await carryOut(
            for: nil, timeout: configuration.requestTimeout, repetition: .safe
        ) { channel, timeout throws(AgentCallError) in
            try await channel.listAgents(timeout: timeout)
        }
        let agents = response.agents.map(AgentInfo.init)
        learn(agents)
        return agents
    }

    /// What an agent can do.
    ///
    /// - Parameter agent: The agent: `memory`.
    /// - Returns: Its operations.
    /// - Throws: Why its operations could not be listed; NOT_FOUND where there is no such agent.
    public func operations(of agent: String) async throws(AgentCallError) -> [AgentOperation] {
        let response = try await carryOut(
            for: agent, timeout: configuration.requestTimeout, repetition: .safe
        ) { channel, timeout throws(AgentCallError) in
            try await channel.listOperations(.with { $0.agentID = agent }, timeout: timeout)
        }
        let operations = response.operations.map(AgentOperation.init)
        learn(operations, of: agent)
        return operations
    }
}
