internal import AgentAPI
internal import AgentManifest
internal import GRPCCore
internal import Supervision

extension Fleet {
    /// Makes a call to an agent: starts it if need be, waits until it serves, and keeps it running
    /// meanwhile.
    ///
    /// - Parameters:
    ///   - name: The agent's name.
    ///   - sessionID: The session of the call, which exists; empty for a call outside any.
    ///   - body: The call, given the connection to make it on.
    /// - Returns: What the call returns.
    /// - Throws: NOT_FOUND; UNAVAILABLE with the reason where the agent will not serve for now; what
    ///   the call throws.
    nonisolated func call<Answer: Sendable>(
        _ name: String, session sessionID: String,
        _ body: @Sendable (AgentLink) async throws -> Answer
    ) async throws -> Answer {
        let session = Supervision.SessionID(rawValue: sessionID)
        let (id, link) = try await beginCall(to: name, of: session)
        do {
            let answer = try await body(link)
            link.release()
            await endCall(to: id, of: session)
            return answer
        } catch {
            link.release()
            let isExternal = await endCall(to: id, of: session)
            throw (error as? RPCError).map { $0.naming(id, isExternal: isExternal) } ?? error
        }
    }

    private func beginCall(
        to name: String, of session: Supervision.SessionID?
    ) async throws(RPCError) -> (AgentID, AgentLink) {
        try refuseWhenStopping()
        let agent = try agent(name)
        agent.activeCalls += 1
        if let session { sessions.beginCall(to: agent.id, of: session) }
        updateNeed(of: agent)
        do {
            let link = try await settle(agent.id, Self.connection)
            link.use()
            return (agent.id, link)
        } catch {
            endCall(to: agent.id, of: session)
            throw error
        }
    }

    /// Returns whether the agent is run by hand.
    @discardableResult
    private func endCall(to id: AgentID, of session: Supervision.SessionID?) -> Bool {
        if let session { sessions.endCall(of: session) }
        // It may have left.
        guard let agent = knownAgent(id) else { return false }
        agent.activeCalls -= 1
        updateNeed(of: agent)
        return agent.machine.state.kind == .external
    }

    /// The connection for a call, or why there is none; `nil` while it is worth waiting.
    private static func connection(to agent: SupervisedAgent) -> Result<AgentLink, RPCError>? {
        let machine = agent.machine
        if machine.state.acceptsCalls { return .success(agent.connection()) }
        if agent.isLeaving {
            return .failure(
                .unavailable(agent.id, because: "the configuration has it no more; add it again"))
        }
        if case .external = machine.state {
            return .failure(
                .unavailable(
                    agent.id,
                    because: "it is run by hand and does not answer at \(agent.address); start it, "
                        + "or take it back with op-agents detach \(agent.id)"))
        }
        if machine.isHeld {
            let remedy = "start it with op-agents start \(agent.id)"
            return .failure(.unavailable(agent.id, because: "it was stopped; \(remedy)"))
        }
        switch machine.state {
        case .degraded:
            let failure = machine.lastFailure?.reason ?? "it failed"
            return .failure(
                .unavailable(
                    agent.id,
                    because: "it fails again and again, at last since \(failure); see op-agents "
                        + "logs \(agent.id)"))
        case .stopped, .starting, .serving, .unhealthy, .draining, .backingOff,
            .external:
            return nil
        }
    }
}

extension RPCError {
    /// The error of a connection, with the agent's name; an agent's own error stays as it is.
    fileprivate func naming(_ agent: AgentID, isExternal: Bool) -> RPCError {
        guard code == .unavailable, !message.hasPrefix("cannot ") else { return self }
        let remedy =
            isExternal
            ? "it is run by hand: start it again, or take it back with op-agents detach \(agent)"
            : "it starts again by itself, so call again"
        return RPCError(
            code: .unavailable,
            message: "cannot finish the call to \(agent): its process ended or the connection to "
                + "it broke (\(message)); \(remedy)",
            metadata: metadata, cause: AgentLost())
    }
}

/// Marks the error of a call that its agent can no longer answer, or count.
struct AgentLost: Error {}
