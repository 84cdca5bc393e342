package import AgentAPI
package import AgentManifest
package import GRPCCore
internal import LinuxIO
internal import Supervision
private import SwiftProtobuf

private import Glibc

/// `op.supervisor.v1.Supervisor`: steering and observing the fleet.
package struct SupervisorService: Op_Supervisor_V1_Supervisor.SimpleServiceProtocol {
    private let fleet: Fleet
    private let about: SupervisorFacts
    private let surroundings: ProcessStarter.Surroundings
    private let reloading: @Sendable () async throws -> [AgentID]

    /// Prepares to serve.
    ///
    /// - Parameters:
    ///   - fleet: The agents and sessions.
    ///   - about: What is known of the supervisor itself.
    ///   - surroundings: What agents' environments say.
    ///   - reload: Reads the configuration again, and returns the agents that changed.
    package init(
        _ fleet: Fleet, about: SupervisorFacts, surroundings: ProcessStarter.Surroundings,
        reload: @escaping @Sendable () async throws -> [AgentID]
    ) {
        self.fleet = fleet
        self.about = about
        self.surroundings = surroundings
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
            let isWanted = { (entry: EventLog.Entry) in
                name.isEmpty || entry.agent.rawValue == name
            }
            var entries = fleet.events.entries(after: request.afterSequence)
            var last = max(request.afterSequence, entries.last?.sequence ?? 0)
            entries = entries.filter(isWanted)
            if request.last > 0 { entries = entries.suffix(Int(request.last)) }
            while true {
                let times = times
                for entry in entries { try await response.write(.init(entry, times: times)) }
                guard !request.keptOnly else { return }
                let news = try await fleet.events.next(after: last)
                last = news.last?.sequence ?? last
                entries = news.filter(isWanted)
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

    package func attach(
        request: Op_Supervisor_V1_AttachRequest, context: ServerContext
    ) async throws -> Op_Supervisor_V1_AttachResponse {
        guard let port = UInt16(exactly: request.port) else {
            throw RPCError(
                code: .invalidArgument,
                message: "cannot use the port \(request.port): ports go up to 65535")
        }
        let agent = try await RunningCall(executor: fleet.loop).run {
            try await fleet.attachAgent(request.agentID, at: port == 0 ? nil : port)
        }
        let run = ManualRun(of: agent, in: surroundings)
        return .with {
            $0.agent = .init(agent, times: times)
            $0.command = run.command
            $0.environment = run.environment
            $0.userID = geteuid()
        }
    }

    package func detach(
        request: Op_Supervisor_V1_DetachRequest, context: ServerContext
    ) async throws -> Op_Supervisor_V1_DetachResponse {
        let agent = try await RunningCall(executor: fleet.loop).run {
            try await fleet.detachAgent(request.agentID)
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
                        try await fleet.update(
                            held, by: hold, streamsOpened: message.streamsOpened,
                            streamsEnded: message.streamsEnded)
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
