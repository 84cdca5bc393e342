import GRPCCore
import LinuxIO
import Testing

@testable import AgentClient

/// The client over real sockets.
@Suite(.timeLimit(.minutes(1)))
struct HTTP2ChannelTests {
    private func withClient(
        waiting: AsyncStream<Bool>.Continuation = AsyncStream.makeStream().continuation,
        _ body: (GRPCAgentClient) async throws -> Void
    ) async throws {
        try await FleetServer.serve(waiting: waiting) { address in
            let client = try GRPCAgentClient(
                configuration: AgentClientConfiguration(address: address.description))
            try await body(client)
            await client.close()
        }
    }

    private func call(
        _ operation: String, _ arguments: String = "{}", timeout: Duration? = nil
    ) -> AgentCall {
        AgentCall(agent: "test", operation: operation, arguments: arguments, timeout: timeout)
    }

    @Test func aCallIsAnswered() async throws {
        try await withClient { client in
            let session = try await client.startSession(id: "s", clientName: "test")
            let result = try await session.execute("test", "echo", arguments: #"{"key":"k"}"#)
            #expect(session.id == "s")
            #expect(session.warmAgents == ["test"])
            #expect(result.json == #"{"key":"k"}"#)
            #expect(result.success)
            #expect(try await session.end() == 2)
        }
    }

    @Test func aFailureIsAnAnswer() async throws {
        try await withClient { client in
            let result = try await client.execute(call("fail"))
            #expect(!result.success)
            #expect(result.failure == "it failed")
        }
    }

    @Test func aRefusalIsAnError() async throws {
        try await withClient { client in
            await #expect(throws: AgentCallError(.unimplemented, "cannot run nothing")) {
                try await client.execute(call("nothing"))
            }
            await #expect(throws: AgentCallError(.unimplemented, "cannot stream nothing")) {
                for try await _ in client.executeStream(call("nothing")) {}
            }
        }
    }

    @Test func aServersUnavailableCountsAsSent() async throws {
        try await withClient { client in
            let error = await #expect(throws: AgentCallError.self) {
                try await client.execute(call("refuse"))
            }
            #expect(error?.code == .unavailable)
            #expect(error?.wasSent == true)
        }
    }

    @Test func nobodyIsAskedWhereNobodyListens() async throws {
        // A port that was just free, and that nobody has taken since.
        let port = try ListeningSocket.bind(to: .loopback(port: 0), backlog: 1).localAddress
        let client = try GRPCAgentClient(
            configuration: AgentClientConfiguration(address: port.description))
        let error = await #expect(throws: AgentCallError.self) { try await client.agents() }
        #expect(error?.isUnreachable == true)
        #expect(error?.message == "cannot reach the fleet at \(port): Connection refused")
        await client.close()
    }

    @Test func aConnectionLostInACallCountsAsSent() async throws {
        let (waits, waiting) = AsyncStream<Bool>.makeStream()
        let (addresses, address) = AsyncStream<SocketAddress>.makeStream()
        let server = Task {
            try await FleetServer.serve(waiting: waiting) {
                address.yield($0)
                for await _ in waits { return }
            }
        }
        for await target in addresses {
            let client = try GRPCAgentClient(
                configuration: AgentClientConfiguration(address: target.description))
            let error = await #expect(throws: AgentCallError.self) {
                try await client.execute(call("wait"))
            }
            #expect(error?.code == .unavailable)
            #expect(error?.wasSent == true)
            await client.close()
            break
        }
        try await server.value
    }

    @Test func timeRunsOut() async throws {
        let (waits, waiting) = AsyncStream<Bool>.makeStream()
        try await withClient(waiting: waiting) { client in
            let error = await #expect(throws: AgentCallError.self) {
                try await client.execute(call("wait", timeout: .milliseconds(100)))
            }
            #expect(error?.code == .deadlineExceeded)
        }
        waiting.finish()
        for await isWaiting in waits where !isWaiting { return }
        Issue.record("the call went on")
    }

    @Test func cancellingACallReachesTheServer() async throws {
        let (waits, waiting) = AsyncStream<Bool>.makeStream()
        try await withClient(waiting: waiting) { client in
            let task = Task { try await client.execute(call("wait")) }
            for await isWaiting in waits {
                guard isWaiting else { break }
                task.cancel()
            }
            let error = await #expect(throws: AgentCallError.self) { try await task.value }
            #expect(error?.code == .cancelled)
        }
    }

    @Test func aStreamArrivesWhole() async throws {
        try await withClient { client in
            var next: UInt64 = 0
            for try await chunk in client.executeStream(call("count", "5000")) {
                #expect(chunk.sequence == next)
                next += 1
            }
            #expect(next == 5001)
        }
    }

    @Test func leavingAStreamEndsItAtTheServer() async throws {
        let (ends, end) = AsyncStream<Bool>.makeStream()
        try await withClient(waiting: end) { client in
            for try await _ in client.executeStream(call("count", "\(UInt64.max)")) { break }
            for await _ in ends { break }
        }
    }

    @Test func aBatchIsAnswered() async throws {
        try await withClient { client in
            let outcomes = try await client.batch([
                call("echo", "1"), call("nothing"), call("fail"),
            ])
            #expect(try outcomes[0].get().json == "1")
            #expect(outcomes[1] == .failure(AgentCallError(.unimplemented, "cannot run nothing")))
            #expect(try outcomes[2].get().failure == "it failed")
        }
    }

    @Test func manyCallsShareTheConnection() async throws {
        try await withClient { client in
            try await withThrowingTaskGroup { group in
                for number in 0..<1000 {
                    group.addTask {
                        try await client.execute(call("echo", "\(number)")).json == "\(number)"
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
        }
    }
}
