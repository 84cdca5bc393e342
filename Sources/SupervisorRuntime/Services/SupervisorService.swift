package import AgentAPI
package import AgentManifest
package import GRPCCore
internal import LinuxIO
internal import Supervision
private import SwiftProtobuf

/// `op.supervisor.v1.Supervisor`: steering and observing the fleet.
package struct SupervisorService: Op_Supervisor_V1_Supervisor.SimpleServiceProtocol {
    private let fleet: Fleet
    private let about: SupervisorFacts
    private let reloading: @Sendable () async throws -> [AgentID]

    /// Prepares to serve.
    ///
    /// - Parameters:
    ///   - fleet: The agents and sessions.
    ///   - about: What is known of the supervisor itself.
    ///   - reload: Reads the configuration again, and returns the agents that changed.
    package init(
        _ fleet: Fleet, about: SupervisorFacts,
        reload: @escaping @Sendable () async throws -> [AgentID]
    ) {
        self.fleet = fleet
        self.about = about
        reloading = reload
    }

    package func status(
        request: Op_Supervisor_V1_StatusRequest, context: ServerContext
    ) async throws -> Op_Supervisor_V1_StatusResponse {
        let agents = await fleet.snapshots
        let sessions = await fleet.sessionCount
        let blocking = await fleet.shutdownProgress
        let times = times
        return .with {
            $0.agents = agents.map { Op_Supervisor_V1_AgentStatus($0, times: times) }
            $0.sessions = UInt32(sessions)
            $0.pid = about.pid
            $0.version = about.version
            $0.startedAt = times.timestamp(of: about.startedAt)
            $0.shutdown = blocking
        }
    }

    package func watchEvents(
        request: Op_Supervisor_V1_WatchEventsRequest,
        response: RPCWriter<Op_Supervisor_V1_WatchEventsResponse>, context: ServerContext
    ) async throws {
        let name = request.agentID
        if !name.isEmpty { _ = try await fleet.snapshot(of: name) }
        try await RunningCall(executor: fleet.loop).run {
            var last = request.afterSequence
            while true {
                let entries = try await fleet.events.next(after: last)
                let times = times
                for entry in entries where name.isEmpty || entry.agent.rawValue == name {
                    try await response.write(.init(entry, times: times))
                }
                last = entries.last?.sequence ?? last
            }
        }
    }

    package func start(
        request: Op_Supervisor_V1_StartRequest, context: ServerContext
    ) async throws -> Op_Supervisor_V1_StartResponse {
        let agent = try await RunningCall(executor: fleet.loop).run {
            try await fleet.startAgent(request.agentID)
        }
        return .with { $0.agent = .init(agent, times: times) }
    }

    package func stop(
        request: Op_Supervisor_V1_StopRequest, context: ServerContext
    ) async throws -> Op_Supervisor_V1_StopResponse {
        let agent = try await RunningCall(executor: fleet.loop).run {
            try await fleet.stopAgent(request.agentID)
        }
        return .with { $0.agent = .init(agent, times: times) }
    }

    package func restart(
        request: Op_Supervisor_V1_RestartRequest, context: ServerContext
    ) async throws -> Op_Supervisor_V1_RestartResponse {
        let agent = try await RunningCall(executor: fleet.loop).run {
            try await fleet.restartAgent(request.agentID)
        }
        return .with { $0.agent = .init(agent, times: times) }
    }

    package func reload(
        request: Op_Supervisor_V1_ReloadRequest, context: ServerContext
    ) async throws -> Op_Supervisor_V1_ReloadResponse {
        do {
            let changed = try await reloading()
            return .with { $0.changedAgents = changed.map(\.rawValue) }
        } catch let error as ConfigurationError {
            throw RPCError(code: .invalidArgument, message: error.description)
        }
    }

    package func listSessions(
        request: Op_Supervisor_V1_ListSessionsRequest, context: ServerContext
    ) async throws -> Op_Supervisor_V1_ListSessionsResponse {
        let sessions = await fleet.sessionList
        let times = times
        return .with {
            $0.sessions = sessions.map { session, expiry in
                Op_Supervisor_V1_SessionInfo(session, expiry: expiry, times: times)
            }
        }
    }

    package func holdSession(
        request: RPCAsyncSequence<Op_Supervisor_V1_HoldSessionRequest, any Error>,
        response: RPCWriter<Op_Supervisor_V1_HoldSessionResponse>, context: ServerContext
    ) async throws {
        let hold = RunningCall(executor: fleet.loop)
        // Not before the end of the stream is on its way.
        defer { fleet.later { $0.release(hold) } }
        do {
            try await hold.run {
                var held: Supervision.SessionID?
                for try await message in request {
                    if let held {
                        try await fleet.renewSession(held)
                        continue
                    }
                    guard let id = Supervision.SessionID(rawValue: message.sessionID) else {
                        throw RPCError.unknownSession(message.sessionID)
                    }
                    held = id
                    let client = try await fleet.hold(id, agent: message.agentID, by: hold)
                    try await response.write(.with { $0.clientName = client })
                }
                // The session's end ends the stream; the end of its requests does not.
                if held != nil { await Cancellation.wait() }
            }
        } catch let error as RPCError where error.cause is SessionRegistry.Ended {
            return
        }
    }

    package func logs(
        request: Op_Supervisor_V1_LogsRequest,
        response: RPCWriter<Op_Supervisor_V1_LogsResponse>, context: ServerContext
    ) async throws {
        let output = try await fleet.output(of: request.agentID)
        try await RunningCall(executor: fleet.loop).run {
            let count = request.lines == 0 ? OutputRing.capacity : Int(request.lines)
            var lines = output.last(count)
            var last = output.lines().last?.sequence ?? 0
            while true {
                for line in lines { try await response.write(.init(line)) }
                guard request.follow else { return }
                last = lines.last?.sequence ?? last
                lines = try await output.nextLines(after: last)
            }
        }
    }

    private var times: WallTimes { WallTimes(now: fleet.now) }
}
