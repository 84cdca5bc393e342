/// A client's session with the fleet: its calls keep the agents that it uses running.
///
/// A session ends with ``end()``, or by its lease, 15 minutes after its last call. Ending it cancels the
/// calls that still run.
public struct AgentSession: Sendable {
    /// The session's id.
    public let id: String
    /// The agents that were warm when the session started: their first call waits for no start.
    public let warmAgents: [String]
    /// The agents of the fleet, as they were when the session started.
    public let agents: [AgentInfo]

    private let client: GRPCAgentClient

    init(id: String, warmAgents: [String], agents: [AgentInfo], client: GRPCAgentClient) {
        self.id = id
        self.warmAgents = warmAgents
        self.agents = agents
        self.client = client
    }

    /// Runs one operation and answers once, with a bounded result.
    ///
    /// - Parameters:
    ///   - agent: The agent: `memory`.
    ///   - operation: The operation, by its name or an alias: `recall`.
    ///   - arguments: The text of a JSON object; `{}` by default.
    ///   - timeout: How long it may take; the client's own limit by default.
    /// - Returns: What it answered.
    /// - Throws: Why the call could not be carried out.
    public func execute(
        _ agent: String, _ operation: String, arguments: String = "{}", timeout: Duration? = nil
    ) async throws(AgentCallError) -> AgentResult {
        try await client.execute(
            call(agent, operation, arguments: arguments, timeout: timeout))
    }

    /// Runs one operation and shows its output as it appears; the last chunk is the result.
    ///
    /// - Parameters:
    ///   - agent: The agent: `rust_pro`.
    ///   - operation: The operation, by its name or an alias: `build`.
    ///   - arguments: The text of a JSON object; `{}` by default.
    ///   - timeout: How long it may take; without limit by default.
    /// - Returns: The output. The call starts when it is read.
    public func executeStream(
        _ agent: String, _ operation: String, arguments: String = "{}", timeout: Duration? = nil
    ) -> AgentStream<AgentChunk> {
        client.executeStream(call(agent, operation, arguments: arguments, timeout: timeout))
    }

    /// Runs several operations.
    ///
    /// - Parameters:
    ///   - calls: At most 1,000. They belong to this session.
    ///   - inParallel: Run them at once, at most 32 at a time; true by default. Otherwise each waits for the one
    ///     before it.
    ///   - timeout: How long all of them together may take; the client's own limit by default.
    /// - Returns: What became of each, in the order of the calls. One that fails does not end the others.
    /// - Throws: Why the batch as a whole could not be carried out.
    public func batch(
        _ calls: [AgentCall], inParallel: Bool = true, timeout: Duration? = nil
    ) async throws(AgentCallError) -> [Result<AgentResult, AgentCallError>] {
        try await client.batch(calls, inParallel: inParallel, sessionID: id, timeout: timeout)
    }

    /// Ends the session and cancels those of its calls that still run.
    ///
    /// Ending it again does nothing.
    ///
    /// - Returns: How many calls were cancelled.
    /// - Throws: Why the fleet could not be told; the session's lease ends it then.
    @discardableResult
    public func end() async throws(AgentCallError) -> Int {
        try await client.endSession(id)
    }

    private func call(
        _ agent: String, _ operation: String, arguments: String, timeout: Duration?
    ) -> AgentCall {
        AgentCall(
            agent: agent, operation: operation, arguments: arguments, sessionID: id,
            timeout: timeout)
    }
}
