import GRPCCore
import HTTP2Transport
import LinuxIO
import Testing

@Suite(.timeLimit(.minutes(1)))
struct DeadlineTests {
    @Test func serverEndsACallWhoseTimeIsOver() async throws {
        let (ended, ending) = AsyncStream.makeStream(of: Bool.self)
        let service = EchoService { _, context in
            do {
                try await Task.sleep(for: .seconds(60))
            } catch {
                let isOver = try #require(context.http2?.deadline) <= .now
                ending.yield(context.cancellation.isCancelled && isOver)
                throw error
            }
            return StreamingServerResponse(error: RPCError(code: .internalError, message: "late"))
        }
        try await withEchoServer(service) { address, loop in
            // A client that keeps no clock.
            let answer = try await ScriptedPeer.exchange(
                .request([("grpc-timeout", "50m")], messages: [(0, [1])]), with: address, on: loop)
            #expect(answer.values("grpc-status") == ["\(Status.Code.deadlineExceeded.rawValue)"])
            let wasCancelledInTime = await ended.first { _ in true }
            #expect(wasCancelledInTime == true)
        }
    }

    @Test func deadlineIsInTheContextAndNotInTheMetadata() async throws {
        let (seen, seeing) = AsyncStream.makeStream(of: (Metadata, ContinuousClock.Instant?).self)
        let service = EchoService { request, context in
            seeing.yield((request.metadata, context.http2?.deadline))
            return try await EchoService.echo(request, context)
        }
        try await withEcho(service) { client, _, _ in
            var calls = seen.makeAsyncIterator()
            let before = ContinuousClock.now
            _ = try await client.echo([1], metadata: ["grpc-timeout": "3000S"])
            let limited = try #require(await calls.next())
            let left = try #require(limited.1) - before
            #expect(left >= .seconds(3000) && left < .seconds(3060))
            #expect(limited.0.callTimeout == nil)

            _ = try await client.echo([1])
            let unlimited = try #require(await calls.next())
            #expect(unlimited.1 == nil)
        }
    }

    @Test func clientKeepsADeadlineOfItsOwn() async throws {
        try await ScriptedServer.run(respond: { _ in nil }) { client, _ in
            let response = try await client.echo([1], metadata: ["grpc-timeout": "50m"])
            guard case .failure(let error) = response.accepted else {
                Issue.record("the call was answered")
                return
            }
            #expect(error.code == .deadlineExceeded)
        }
    }

    @Test func deadlineIsKeptWhileACallWaitsForAConnection() async throws {
        let loop = try EventLoop(name: "test")
        defer { loop.stop() }
        let free = try ListeningSocket.bind(to: .loopback(port: 0)).localAddress
        let client = GRPCClient(transport: HTTP2ClientTransport(target: free, eventLoop: loop))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.runConnections() }
            var options = CallOptions.defaults
            options.waitForReady = true
            let response = try await client.echo(
                [1], metadata: ["grpc-timeout": "50m"], options: options)
            guard case .failure(let error) = response.accepted else {
                Issue.record("the call was answered")
                return
            }
            #expect(error.code == .deadlineExceeded)
            client.beginGracefulShutdown()
            try await group.waitForAll()
        }
    }
}
