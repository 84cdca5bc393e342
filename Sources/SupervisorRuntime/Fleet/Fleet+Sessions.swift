internal import AgentAPI
internal import AgentManifest
package import GRPCCore
internal import LinuxIO
package import Supervision

extension Fleet {
    /// The sessions, and when each ends unless it is used.
    package var sessionList: [(session: Session, expiry: Instant?)] {
        let policy = sessions.policy
        return sessions.table.sessions.map {
            ($0, sessions.table.expiry(of: $0.id, policy))
        }
    }

    /// How many sessions there are.
    package var sessionCount: Int { sessions.table.count }

    /// Starts a session or finds it, waits until the run-on-connection agents serve, and starts ahead
    /// what the session is expected to use.
    ///
    /// - Parameters:
    ///   - id: The session's name.
    ///   - client: The kind of client.
    ///   - metadata: What the client says about itself.
    ///   - prewarm: On-demand agents to start ahead, besides those configured or learned.
    /// - Throws: NOT_FOUND for an agent to prewarm that does not exist; RESOURCE_EXHAUSTED where there
    ///   are too many sessions; UNAVAILABLE where the supervisor stops.
    package func startSession(
        _ id: Supervision.SessionID, client: String, metadata: [String: String], prewarm: [String]
    ) async throws(RPCError) {
        try refuseWhenStopping()
        var wanted: [AgentID] = []
        for name in prewarm { wanted.append(try agent(name).id) }
        if sessions.start(id, client: client, metadata: metadata) == .full {
            throw RPCError(
                code: .resourceExhausted,
                message: "cannot start the session \(id): there are "
                    + "\(SessionTable.capacity) already; end some")
        }
        wanted += sessions.prewarmed(for: client, configured: configuration.sessions.prewarm)
        sessions.keep(wanted, for: id)
        updateNeeds()
        tellObserver()
        // A session that was announced must not be forgotten by a crash.
        await sessions.waitUntilSaved()
        await waitUntilWarm()
    }

    /// Ends a session and cancels its calls; one that has ended already is ended again.
    ///
    /// Returns when the agents that hold the session have been told, so that a call that comes after
    /// it finds no session anywhere.
    ///
    /// - Parameter id: The session's name.
    /// - Returns: How many calls were cancelled.
    /// - Throws: NOT_FOUND where there never was such a session.
    package func endSession(_ id: Supervision.SessionID) async throws(RPCError) -> Int {
        guard let count = sessions.end(id) else { throw .unknownSession(id.rawValue) }
        await sessions.waitUntilReleased(id)
        await sessions.waitUntilSaved()
        return count
    }

    /// Keeps an agent running for a session whose calls go to the agent itself.
    ///
    /// - Parameters:
    ///   - id: The session's name.
    ///   - agentName: The agent.
    ///   - call: The agent's call, which is ended with the session, for ``SessionRegistry/Ended``.
    /// - Returns: The name of the client that started the session.
    /// - Throws: NOT_FOUND where there is no such session.
    func hold(
        _ id: Supervision.SessionID, agent agentName: String, by call: RunningCall
    ) throws(RPCError) -> String {
        guard let session = sessions.hold(id, by: call) else {
            throw .unknownSession(id.rawValue)
        }
        if let agent = try? agent(agentName) {
            sessions.keep([agent.id], for: id)
            updateNeed(of: agent)
        }
        return session.client
    }

    /// Notes that an agent's call does not hold a session any more.
    func release(_ call: RunningCall) { sessions.release(call) }

    /// Does something on the loop that need not be waited for; what comes first is done first.
    nonisolated func later(_ body: @escaping @Sendable (isolated Fleet) -> Void) {
        loop.execute { self.assumeIsolated { body($0) } }
    }

    /// Takes an update of an agent that holds a session.
    ///
    /// - Parameters:
    ///   - id: The session's name.
    ///   - call: The agent's call.
    ///   - streamsOpened: How many `Session` streams were opened at the agent's own port.
    ///   - streamsEnded: How many of them have ended.
    /// - Throws: NOT_FOUND where there is no such session.
    func update(
        _ id: Supervision.SessionID, by call: RunningCall, streamsOpened: UInt32,
        streamsEnded: UInt32
    ) throws(RPCError) {
        let isThere = sessions.update(
            id, by: call, streamsOpened: streamsOpened, streamsEnded: streamsEnded)
        guard isThere else { throw .unknownSession(id.rawValue) }
    }
}
