import AgentAPI
import AgentRuntime
import GRPCCore
import GRPCProtobuf
import HTTP2Transport
import LinuxIO
import Logging
import TestSupport
import Testing

/// An agent's service over real sockets, alone and in front of a supervisor.
@Suite(.timeLimit(.minutes(1)))
struct AgentServiceProviderTests {
    private typealias Client = Op_Agents_V1_AgentService.Client<HTTP2ClientTransport>

    private let directory: TemporaryDirectory
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// Serves on a free port of this machine while the body runs.
    private func serve(
        _ services: [any RegistrableRPCService], on loop: EventLoop,
        _ body: (SocketAddress) async throws -> Void
    ) async throws {
        let transport = try HTTP2ServerTransport(
            listeners: [.address(.loopback(port: 0))], eventLoop: loop)
        try await withGRPCServer(transport: transport, services: services) { _ in
            try await body(transport.localAddresses[0])
        }
    }

    private func connect(
        to address: SocketAddress, on loop: EventLoop, _ body: (Client) async throws -> Void
    ) async throws {
        let transport = HTTP2ClientTransport(target: address, eventLoop: loop)
        try await withGRPCClient(transport: transport) { client in
            try await body(Client(wrapping: client))
        }
    }

    /// An agent with the operations "whoami" and "wait".
    private func agent(
        _ id: String, fleet: any FleetForwarding, sessions: any SessionValidating
    ) throws -> AgentServiceProvider {
        let table = OperationTable(
            agentID: id,
            operations: [
                Operation("whoami", "Says who it is.", arguments: []) { _, context in
                    OperationResult(
                        summary: id,
                        fields: [
                            "session": context.sessionID.map { .string($0) } ?? .null,
                            "request": .string(context.requestID),
                        ])
                },
                Operation("wait", "Waits.", arguments: []) { _, _ in
                    try await untilCancelled(as: OperationResult.self)
                },
                Operation("say", "Writes.", isStreaming: true, arguments: []) { _, context in
                    try await context.output.write(Array("from \(id)\n".utf8), to: .stdout)
                    return OperationResult(summary: "said", fields: [:])
                },
            ])
        let runner = OperationRunner(
            table, counters: CallCounters(of: table), sessions: sessions,
            artifacts: try ArtifactStore(directory: "\(directory.path)/\(id)"), logger: logger)
        return AgentServiceProvider(table: table, runner: runner, fleet: fleet, sessions: sessions)
    }

    private func alone(_ id: String) throws -> AgentServiceProvider {
        var info = Op_Agents_V1_AgentInfo()
        info.id = id
        let sessions = LocalSessions()
        return try agent(
            id, fleet: Unsupervised(agent: info, sessions: sessions), sessions: sessions)
    }

    private func request(
        _ operation: String, agent: String = "", session: String = ""
    ) -> Op_Agents_V1_ExecuteRequest {
        var request = Op_Agents_V1_ExecuteRequest()
        request.operation = operation
        request.agentID = agent
        request.sessionID = session
        return request
    }

    private func start(_ id: String) -> Op_Agents_V1_StartSessionRequest {
        var request = Op_Agents_V1_StartSessionRequest()
        request.sessionID = id
        return request
    }

    private func end(_ id: String) -> Op_Agents_V1_EndSessionRequest {
        var request = Op_Agents_V1_EndSessionRequest()
        request.sessionID = id
        return request
    }

    @Test
    func anAgentAloneServesItselfAndItsOwnSessions() async throws {
        let loop = try EventLoop(name: "test")
        defer { loop.stop() }
        try await serve([alone("first")], on: loop) { address in
            try await connect(to: address, on: loop) { client in
                #expect(try await client.startSession(start("s")).startedAgents == ["first"])
                let response = try await client.execute(request("whoami", session: "s"))
                #expect(response.resultJson.contains("\"session\":\"s\""))
                #expect(try await client.endSession(end("s")).cancelledCalls == 0)
                let unknown = await #expect(throws: RPCError.self) {
                    try await client.execute(request("whoami", session: "s"))
                }
                #expect(unknown?.code == .notFound)
                let elsewhere = await #expect(throws: RPCError.self) {
                    try await client.execute(request("whoami", agent: "second"))
                }
                #expect(elsewhere?.code == .notFound)
                #expect(elsewhere?.message.contains("no supervisor is connected") == true)
                let agents = try await client.listAgents(Op_Agents_V1_ListAgentsRequest())
                #expect(agents.agents.map(\.id) == ["first"])
            }
        }
    }

    @Test
    func whatIsNotItsOwnGoesToTheSupervisor() async throws {
        let loop = try EventLoop(name: "test")
        defer { loop.stop() }
        // The supervisor's part is played by another agent that is alone.
        try await serve([alone("second")], on: loop) { supervisor in
            try await withLink(to: supervisor, on: loop) { link in
                let first = try agent("first", fleet: link, sessions: LocalSessions())
                try await serve([first], on: loop) { address in
                    try await connect(to: address, on: loop) { client in
                        let own = try await client.execute(request("whoami", agent: "first"))
                        #expect(own.agentID == "first")
                        let other = try await client.execute(
                            request("whoami", agent: "second"), metadata: ["op-request-id": "r-9"])
                        #expect(other.agentID == "second")
                        #expect(other.resultJson.contains("\"request\":\"r-9\""))
                        let said = try await client.executeStream(request("say", agent: "second")) {
                            try await $0.messages.reduce(into: []) { $0.append($1.content) }
                        }
                        #expect(said == ["from second\n", "said"])
                        let started = try await client.startSession(start("s"))
                        #expect(started.startedAgents == ["second"])
                        let unknown = await #expect(throws: RPCError.self) {
                            try await client.execute(request("whoami", agent: "third"))
                        }
                        #expect(unknown?.code == .notFound)
                        var options = CallOptions.defaults
                        options.timeout = .milliseconds(50)
                        let late = await #expect(throws: RPCError.self) {
                            try await client.execute(
                                request("wait", agent: "second"), options: options)
                        }
                        #expect(late?.code == .deadlineExceeded)
                    }
                }
            }
        }
    }

    @Test
    func aSupervisorThatIsNotThereIsUnavailable() async throws {
        let loop = try EventLoop(name: "test")
        defer { loop.stop() }
        // A port on which nobody listens any more.
        let address = try ListeningSocket.bind(to: .loopback(port: 0)).localAddress
        try await withLink(to: address, on: loop) { link in
            let sessions = SupervisedSessions(link)
            let first = try agent("first", fleet: link, sessions: sessions)
            try await serve([first], on: loop) { address in
                try await connect(to: address, on: loop) { client in
                    for request in [request("whoami", agent: "x"), request("whoami", session: "s")]
                    {
                        let error = await #expect(throws: RPCError.self) {
                            try await client.execute(request)
                        }
                        #expect(error?.code == .unavailable)
                    }
                    let own = try await client.execute(request("whoami"))
                    #expect(own.agentID == "first")
                }
            }
        }
    }

    @Test
    func aBatchMixesAgents() async throws {
        let loop = try EventLoop(name: "test")
        defer { loop.stop() }
        try await serve([alone("second")], on: loop) { supervisor in
            try await withLink(to: supervisor, on: loop) { link in
                let first = try agent("first", fleet: link, sessions: LocalSessions())
                try await serve([first], on: loop) { address in
                    try await connect(to: address, on: loop) { client in
                        var batch = Op_Agents_V1_BatchExecuteRequest()
                        batch.requests = [
                            request("whoami"), request("whoami", agent: "second"), request("nix"),
                        ]
                        let answers = try await client.batchExecute(batch) {
                            try await $0.messages.reduce(into: []) { $0.append($1) }
                        }
                        #expect(answers.map(\.result.agentID) == ["first", "second", ""])
                        #expect(answers[2].error.code == .unimplemented)
                    }
                }
            }
        }
    }

    private func withLink(
        to address: SocketAddress, on loop: EventLoop,
        _ body: (SupervisorLink<HTTP2ClientTransport>) async throws -> Void
    ) async throws {
        let link = SupervisorLink(
            transport: HTTP2ClientTransport(target: address, eventLoop: loop), agentID: "first")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await link.run() }
            try await body(link)
            link.close()
            try await group.waitForAll()
        }
    }
}
