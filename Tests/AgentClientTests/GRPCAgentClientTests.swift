import GRPCCore
import LinuxIO
import Testing

@testable import AgentClient

@Suite(.timeLimit(.minutes(1)))
struct GRPCAgentClientTests {
    private typealias Call = ScriptedDialer.Call

    private let home = SocketAddress.loopback(port: 50051)
    private let memory = SocketAddress.loopback(port: 50052)
    private let fleet = [
        AgentInfo.Place(id: "rust_pro", address: "127.0.0.1:50051"),
        AgentInfo.Place(id: "memory", address: "127.0.0.1:50052"),
    ]
    private static let unreachable = AgentCallError(.unavailable, "refused", wasSent: false)
    private static let cutOff = AgentCallError(.unavailable, "the connection was lost")

    private func client(
        _ dialer: ScriptedDialer, _ change: (inout AgentClientConfiguration) -> Void = { _ in }
    ) throws -> GRPCAgentClient {
        var configuration = AgentClientConfiguration()
        change(&configuration)
        return try GRPCAgentClient(configuration: configuration, dialer: dialer)
    }

    @Test func theConfigurationsAddressIsChecked() {
        #expect(throws: AgentCallError.self) {
            try GRPCAgentClient(
                configuration: AgentClientConfiguration(address: "localhost"),
                dialer: ScriptedDialer())
        }
    }

    @Test func agentsAreDialledOnceTheyAreKnown() async throws {
        let dialer = ScriptedDialer(agents: fleet)
        let client = try client(dialer)
        let call = AgentCall(agent: "memory", operation: "recall")
        _ = try await client.execute(call)
        let agents = try await client.agents()
        _ = try await client.execute(call)
        #expect(agents.map(\.id) == ["rust_pro", "memory"])
        #expect(
            dialer.calls == [
                Call(address: home, rpc: "Execute", detail: "recall"),
                Call(address: home, rpc: "ListAgents"),
                Call(address: memory, rpc: "Execute", detail: "recall"),
            ])
    }

    @Test func withoutPoolingEverythingGoesToTheKnownPort() async throws {
        let dialer = ScriptedDialer(agents: fleet)
        let client = try client(dialer) { $0.poolConnections = false }
        let session = try await client.startSession(id: "s", clientName: "test")
        _ = try await session.execute("memory", "recall")
        #expect(dialer.calls.allSatisfy { $0.address == home })
    }

    @Test func theKnownPortIsAskedWhereTheAgentCannotBeDialled() async throws {
        let memory = memory
        let dialer = ScriptedDialer(agents: fleet) { call, _ throws(AgentCallError) in
            if call.address == memory { throw Self.unreachable }
        }
        let client = try client(dialer) { $0.maxRetries = 0 }
        let session = try await client.startSession(id: "s", clientName: "test")
        let result = try await session.execute("memory", "remember", arguments: #"{"key":"k"}"#)
        #expect(result.success)
        #expect(result.json == #"{"key":"k"}"#)
        #expect(
            dialer.calls.dropFirst() == [
                Call(address: memory, rpc: "Execute", detail: "remember"),
                Call(address: home, rpc: "Execute", detail: "remember"),
            ])
    }

    @Test func anAnswerOfTheAgentIsFinal() async throws {
        let dialer = ScriptedDialer(agents: fleet) { call, _ throws(AgentCallError) in
            if call.rpc == "Execute" { throw AgentCallError(.notFound, "cannot find it") }
        }
        let client = try client(dialer)
        _ = try await client.agents()
        await #expect(throws: AgentCallError(.notFound, "cannot find it")) {
            try await client.execute(AgentCall(agent: "memory", operation: "recall"))
        }
        #expect(dialer.calls.count { $0.rpc == "Execute" } == 1)
    }

    @Test func whatWasNeverSentIsRepeated() async throws {
        let dialer = ScriptedDialer { _, times throws(AgentCallError) in
            if times < 3 { throw Self.unreachable }
        }
        let client = try client(dialer)
        let result = try await client.execute(AgentCall(agent: "memory", operation: "remember"))
        #expect(result.success)
        #expect(dialer.calls.count == 3)
    }

    @Test func retriesAreCounted() async throws {
        let dialer = ScriptedDialer { _, _ throws(AgentCallError) in throw Self.unreachable }
        let client = try client(dialer) { $0.maxRetries = 2 }
        await #expect(throws: Self.unreachable) {
            try await client.execute(AgentCall(agent: "memory", operation: "remember"))
        }
        #expect(dialer.calls.count == 3)
    }

    @Test func whatMayHaveBeenDoneIsNotRepeated() async throws {
        let dialer = ScriptedDialer { call, _ throws(AgentCallError) in
            if call.rpc == "Execute" { throw Self.cutOff }
        }
        let client = try client(dialer)
        await #expect(throws: Self.cutOff) {
            try await client.execute(AgentCall(agent: "memory", operation: "remember"))
        }
        #expect(dialer.calls.count { $0.rpc == "Execute" } == 1)
    }

    @Test func whatOnlyReadsIsRepeated() async throws {
        let dialer = ScriptedDialer { call, times throws(AgentCallError) in
            if call.rpc == "Execute", times < 3 { throw Self.cutOff }
        }
        let client = try client(dialer)
        let result = try await client.execute(AgentCall(agent: "memory", operation: "recall"))
        #expect(result.success)
        #expect(dialer.calls.count { $0.rpc == "Execute" } == 3)
        // Asked once, then known.
        #expect(dialer.calls.count { $0.rpc == "ListOperations" } == 1)
    }

    @Test func noRetryOutlivesTheTimeLimit() async throws {
        let dialer = ScriptedDialer { _, _ throws(AgentCallError) in throw Self.unreachable }
        let client = try client(dialer) { $0.maxRetries = .max }
        await #expect(throws: Self.unreachable) {
            try await client.execute(
                AgentCall(agent: "memory", operation: "recall", timeout: .milliseconds(100)))
        }
        #expect((1...4).contains(dialer.calls.count))
    }

    @Test func aSessionIsFoundAgainWhenItsStartIsRepeated() async throws {
        let dialer = ScriptedDialer(agents: fleet) { _, times throws(AgentCallError) in
            if times == 1 { throw Self.cutOff }
        }
        let client = try client(dialer)
        let session = try await client.startSession(clientName: "test")
        #expect(dialer.calls.map(\.detail) == [session.id, session.id])
        #expect(session.warmAgents == ["rust_pro", "memory"])
    }

    @Test func aSessionEndsWithItsBody() async throws {
        struct Failure: Error {}
        let dialer = ScriptedDialer(agents: fleet)
        let client = try client(dialer)
        await #expect(throws: Failure.self) {
            try await client.withSession(clientName: "test") { _ in throw Failure() }
        }
        #expect(dialer.calls.map(\.rpc) == ["StartSession", "EndSession"])
    }

    @Test func aBatchAnswersInTheOrderOfItsCalls() async throws {
        let dialer = ScriptedDialer(agents: fleet)
        let client = try client(dialer)
        let session = try await client.startSession(id: "s", clientName: "test")
        let outcomes = try await session.batch([
            AgentCall(agent: "memory", operation: "recall", arguments: "1"),
            AgentCall(agent: "rust_pro", operation: "fail"),
            AgentCall(agent: "memory", operation: "recall", arguments: "3"),
        ])
        #expect(try outcomes[0].get().json == "1")
        #expect(outcomes[1] == .failure(AgentCallError(.notFound, "cannot find it")))
        #expect(try outcomes[2].get().json == "3")
        // Of two agents, so by the port that forwards.
        #expect(dialer.calls.last == Call(address: home, rpc: "BatchExecute", detail: "3"))
    }

    @Test func aBatchForOneAgentGoesThere() async throws {
        let dialer = ScriptedDialer(agents: fleet)
        let client = try client(dialer)
        _ = try await client.agents()
        _ = try await client.batch([AgentCall(agent: "memory", operation: "recall")])
        #expect(dialer.calls.last == Call(address: memory, rpc: "BatchExecute", detail: "1"))
    }

    @Test func outputArrivesInChunks() async throws {
        let client = try client(ScriptedDialer())
        var chunks: [AgentChunk] = []
        for try await chunk in client.executeStream(
            AgentCall(agent: "rust_pro", operation: "build"))
        {
            chunks.append(chunk)
        }
        #expect(chunks.map(\.text) == ["Compiling\n", ""])
        #expect(
            chunks.map(\.kind) == [
                .errorOutput, .result(.init(success: true, json: "{}", exitCode: 0)),
            ])
    }

    @Test func aClosedClientRefusesCalls() async throws {
        let dialer = ScriptedDialer(agents: fleet)
        let client = try client(dialer)
        _ = try await client.agents()
        _ = try await client.execute(AgentCall(agent: "memory", operation: "recall"))
        await client.close()
        await client.close()
        #expect(dialer.closed == 2)
        let error = await #expect(throws: AgentCallError.self) { try await client.agents() }
        #expect(error?.code == .failedPrecondition)
    }
}
