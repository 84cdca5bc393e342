package import AgentAPI
internal import GRPCCore
internal import HTTP2Transport
internal import LinuxIO
internal import SwiftProtobuf

/// Steers and observes a fleet through its supervisor.
package struct SupervisorClient: Sendable {
    private let connection: Connection
    private let stub: Op_Supervisor_V1_Supervisor.Client<HTTP2ClientTransport>
    private let metricsStub: Op_Agents_V1_Metrics.Client<HTTP2ClientTransport>
    private let eventLoop: EventLoop

    /// How long an answer that needs no agent to start or stop may take.
    private static let shortTimeout: Duration = .seconds(10)

    /// Prepares a connection to a supervisor, which is made with the first call.
    ///
    /// - Parameter address: `127.0.0.1:50050` or `unix:/path`.
    /// - Throws: INVALID_ARGUMENT where the address cannot be read.
    package init(address: String) throws(AgentCallError) {
        let target: SocketAddress
        do {
            target = try SocketAddress(parsing: address)
        } catch {
            throw AgentCallError(.invalidArgument, error.description, wasSent: false)
        }
        eventLoop = try EventLoop(serving: "supervisor-call")
        connection = Connection(
            to: target, role: "the supervisor",
            connectTimeout: AgentClientConfiguration().connectTimeout,
            eventLoop: eventLoop)
        stub = Op_Supervisor_V1_Supervisor.Client(wrapping: connection.client)
        metricsStub = Op_Agents_V1_Metrics.Client(wrapping: connection.client)
    }

    /// Closes the connection.
    package func close() async {
        await connection.close()
        eventLoop.stop()
    }

    /// How the agents are.
    ///
    /// - Throws: Why the supervisor could not say.
    package func status() async throws(AgentCallError) -> Op_Supervisor_V1_StatusResponse {
        try await connection.unary(within: Self.shortTimeout) { metadata, respond in
            try await stub.status(
                request: ClientRequest(message: .init(), metadata: metadata),
                onResponse: respond)
        }
    }

    /// What was counted of the fleet's calls.
    ///
    /// - Throws: Why the supervisor could not say.
    package func metrics() async throws(AgentCallError) -> Op_Agents_V1_ReadMetricsResponse {
        try await connection.unary(within: Self.shortTimeout) { metadata, respond in
            try await metricsStub.readMetrics(
                request: ClientRequest(message: .init(), metadata: metadata),
                onResponse: respond)
        }
    }

    /// The transitions of agents, then as they happen unless only the kept ones are asked for: then it does
    /// not return while the supervisor runs.
    ///
    /// - Parameters:
    ///   - request: Which ones; by default all that are kept and all that come.
    ///   - receive: Takes each event.
    /// - Throws: Why the stream broke off.
    package func watchEvents(
        _ request: Op_Supervisor_V1_WatchEventsRequest,
        receive: @escaping @Sendable (Op_Supervisor_V1_WatchEventsResponse) async throws -> Void
    ) async throws(AgentCallError) {
        try await connection.stream(within: nil, to: receive) { metadata, respond in
            try await stub.watchEvents(
                request: ClientRequest(message: request, metadata: metadata),
                onResponse: respond)
        }
    }

    /// Starts an agent; returns when it serves.
    ///
    /// - Parameter agent: The agent's name.
    /// - Returns: How the agent is then.
    /// - Throws: FAILED_PRECONDITION with the diagnosis, where it does not come to serve.
    package func start(
        _ agent: String
    ) async throws(AgentCallError) -> Op_Supervisor_V1_AgentStatus {
        try await connection.unary(within: nil) { metadata, respond in
            try await stub.start(
                request: ClientRequest(message: .with { $0.agentID = agent }, metadata: metadata),
                onResponse: respond)
        }.agent
    }

    /// Stops an agent; returns when its process group is gone.
    ///
    /// - Parameter agent: The agent's name.
    /// - Returns: How the agent is then.
    /// - Throws: Why it could not be stopped.
    package func stop(
        _ agent: String
    ) async throws(AgentCallError) -> Op_Supervisor_V1_AgentStatus {
        try await connection.unary(within: nil) { metadata, respond in
            try await stub.stop(
                request: ClientRequest(message: .with { $0.agentID = agent }, metadata: metadata),
                onResponse: respond)
        }.agent
    }

    /// Stops an agent, then starts it; returns when it serves.
    ///
    /// - Parameter agent: The agent's name.
    /// - Returns: How the agent is then.
    /// - Throws: FAILED_PRECONDITION with the diagnosis, where it does not come to serve.
    package func restart(
        _ agent: String
    ) async throws(AgentCallError) -> Op_Supervisor_V1_AgentStatus {
        try await connection.unary(within: nil) { metadata, respond in
            try await stub.restart(
                request: ClientRequest(message: .with { $0.agentID = agent }, metadata: metadata),
                onResponse: respond)
        }.agent
    }

    /// Leaves an agent to whoever runs it by hand; returns when its port is free.
    ///
    /// - Parameters:
    ///   - agent: The agent's name.
    ///   - port: Where it will be run by hand; `nil` for its own port.
    /// - Returns: How the agent is then, and how to run it.
    /// - Throws: FAILED_PRECONDITION where its port cannot be freed.
    package func attach(
        _ agent: String, port: UInt16?
    ) async throws(AgentCallError) -> Op_Supervisor_V1_AttachResponse {
        let request = Op_Supervisor_V1_AttachRequest.with {
            $0.agentID = agent
            $0.port = UInt32(port ?? 0)
        }
        return try await connection.unary(within: nil) { metadata, respond in
            try await stub.attach(
                request: ClientRequest(message: request, metadata: metadata), onResponse: respond)
        }
    }

    /// Takes an agent back that was run by hand; returns when it serves, if it is one that always runs.
    ///
    /// - Parameter agent: The agent's name.
    /// - Returns: How the agent is then.
    /// - Throws: FAILED_PRECONDITION that names the process, while one still listens there.
    package func detach(
        _ agent: String
    ) async throws(AgentCallError) -> Op_Supervisor_V1_AgentStatus {
        try await connection.unary(within: nil) { metadata, respond in
            try await stub.detach(
                request: ClientRequest(message: .with { $0.agentID = agent }, metadata: metadata),
                onResponse: respond)
        }.agent
    }

    /// Makes the supervisor read its configuration again.
    ///
    /// - Returns: The agents that were added, removed or restarted.
    /// - Throws: INVALID_ARGUMENT with file, line, key and remedy, where the file is bad; nothing changes then.
    package func reload() async throws(AgentCallError) -> [String] {
        try await connection.unary(within: nil) { metadata, respond in
            try await stub.reload(
                request: ClientRequest(message: .init(), metadata: metadata),
                onResponse: respond)
        }.changedAgents
    }

    /// The open sessions.
    ///
    /// - Throws: Why the supervisor could not say.
    package func sessions() async throws(AgentCallError) -> [Op_Supervisor_V1_SessionInfo] {
        try await connection.unary(within: Self.shortTimeout) { metadata, respond in
            try await stub.listSessions(
                request: ClientRequest(message: .init(), metadata: metadata),
                onResponse: respond)
        }.sessions
    }

    /// An agent's last lines of output, then new ones where asked for.
    ///
    /// - Parameters:
    ///   - agent: The agent's name.
    ///   - lines: How many of the last lines; 0 for all that are kept, at most 1,000.
    ///   - follow: Go on with new lines.
    ///   - receive: Takes each line.
    /// - Throws: Why the stream broke off.
    package func logs(
        of agent: String, lines: UInt32, follow: Bool,
        receive: @escaping @Sendable (Op_Supervisor_V1_LogsResponse) async throws -> Void
    ) async throws(AgentCallError) {
        let request = Op_Supervisor_V1_LogsRequest.with {
            $0.agentID = agent
            $0.lines = lines
            $0.follow = follow
        }
        try await connection.stream(within: nil, to: receive) { metadata, respond in
            try await stub.logs(
                request: ClientRequest(message: request, metadata: metadata),
                onResponse: respond)
        }
    }
}
