internal import AgentAPI
internal import SwiftProtobuf

extension GRPCAgentClient {
    /// Starts a session, or finds it again: a second start with the same id gives the same session.
    ///
    /// It returns once every run-on-connection agent serves.
    ///
    /// - Parameters:
    ///   - id: At most 128 bytes of letters, digits, '.', '_', ':' and '-'. One is made where none is given.
    ///   - clientName: The kind of client: `op-chat`. What is learned about prewarming is learned per kind.
    ///   - metadata: Shown in `op-agents sessions`. At most 32 entries, 1 KiB each, 4 KiB in all.
    ///   - prewarm: On-demand agents to start now, in the background, besides those that this kind of client is
    ///     known to use.
    /// - Returns: The session.
    /// - Throws: Why it could not be started.
    public func startSession(
        id: String? = nil, clientName: String, metadata: [String: String] = [:],
        prewarm: [String] = []
    ) async throws(AgentCallError) -> AgentSession {
        let request = Op_Agents_V1_StartSessionRequest.with {
            // Made here and not by the supervisor, so that a repeated request finds its own session.
            $0.sessionID = id ?? Self.makeSessionID()
            $0.clientName = clientName
            $0.metadata = metadata
            $0.prewarm = prewarm
        }
        let response = try await carryOut(
            for: nil, timeout: configuration.requestTimeout, repetition: .safe
        ) { channel, timeout throws(AgentCallError) in
            try await channel.startSession(request, timeout: timeout)
        }
        let agents = response.agents.map(AgentInfo.init)
        learn(agents)
        metrics?.sessionStarted(response.sessionID)
        return AgentSession(
            id: response.sessionID, warmAgents: response.startedAgents, agents: agents,
            client: self)
    }

    /// Starts a session, runs a body with it and ends it, whatever happens.
    ///
    /// - Parameters:
    ///   - clientName: The kind of client: `op-chat`.
    ///   - body: What to do in the session.
    /// - Returns: What the body returns.
    /// - Throws: Why the session could not be started, or what the body throws.
    public func withSession<Answer>(
        clientName: String, _ body: (AgentSession) async throws -> Answer
    ) async throws -> Answer {
        let session = try await startSession(clientName: clientName)
        let answer: Answer
        do {
            answer = try await body(session)
        } catch {
            // The body's error matters more than one of the farewell; the lease ends the session then.
            _ = try? await session.end()
            throw error
        }
        try await session.end()
        return answer
    }

    /// Ends a session and cancels those of its calls that still run.
    ///
    /// - Parameter id: The session's id.
    /// - Returns: How many calls were cancelled.
    /// - Throws: NOT_FOUND for a session that was never started, or why the fleet could not be told.
    @discardableResult
    public func endSession(_ id: String) async throws(AgentCallError) -> Int {
        defer { metrics?.sessionEnded(id) }
        let response = try await carryOut(
            for: nil, timeout: configuration.requestTimeout, repetition: .safe
        ) { channel, timeout throws(AgentCallError) in
            try await channel.endSession(.with { $0.sessionID = id }, timeout: timeout)
        }
        return Int(response.cancelledCalls)
    }

    /// 128 random bits: two clients never choose the same.
    private static func makeSessionID() -> String {
        String(UInt128.random(in: 0 ... .max), radix: 36)
    }
}
