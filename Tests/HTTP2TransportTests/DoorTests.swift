import GRPCCore
import Glibc
import LinuxIO
import Testing

@testable import HTTP2Transport

/// Unary calls behave alike whether GRPCCore's server and client are between them and the transport, or not.
@Suite(.timeLimit(.minutes(1)))
struct DoorTests {
    // MARK: Both ends ours

    @Test(arguments: DoorScenario.all)
    func allDoorsGiveTheSameOutcome(scenario: DoorScenario) async throws {
        let reference = try await scenario.run(.grpcServer, .grpcClient)
        #expect(reference.outcomes.map(\.code) == scenario.codes)
        for server in ServerDoor.allCases {
            for client in ClientDoor.allCases {
                let report = try await scenario.run(server, client)
                #expect(report == reference, "\(server), \(client)")
            }
        }
    }

    @Test(arguments: ServerDoor.allCases, ClientDoor.allCases)
    func callWaitsForAServerIfItIsToldTo(server: ServerDoor, client: ClientDoor) async throws {
        let loop = try EventLoop(name: "test")
        defer { loop.stop() }
        let path = "/tmp/op-agents-test-\(UInt64.random(in: 0...UInt64.max)).sock"
        defer { unlink(path) }
        let client = DoorClient(
            client, over: HTTP2ClientTransport(target: .unix(path: path), eventLoop: loop))
        let connecting = Task { try await client.runConnections() }
        let refused = await client.call()
        #expect(refused.code == .unavailable)

        let call = Task {
            var options = CallOptions.defaults
            options.waitForReady = true
            return await client.call(options: options)
        }
        let server = try DoorServer(
            server, at: .unix(path: path), sightings: Sightings(), loop: loop,
            handler: DoorScenario.echo)
        let serving = Task { try await server.serve() }
        let outcome = await call.value
        #expect(outcome.code == .ok)
        client.beginGracefulShutdown()
        server.server.beginGracefulShutdown()
        try await connecting.value
        try await serving.value
    }

    @Test(arguments: ClientDoor.allCases)
    func clientThatWasShutDownCallsNobody(door: ClientDoor) async throws {
        let loop = try EventLoop(name: "test")
        defer { loop.stop() }
        let listener = try RawListener()
        let client = DoorClient(
            door, over: HTTP2ClientTransport(target: listener.address, eventLoop: loop))
        let connecting = Task { try await client.runConnections() }
        client.beginGracefulShutdown()
        try await connecting.value
        let outcome = await client.call()
        switch door {
        // GRPCCore's client throws an error of its own, which has no code.
        case .grpcClient: #expect(outcome.code == nil && outcome.isRejected)
        case .transport: #expect(outcome.code == .failedPrecondition && outcome.isRejected)
        }
    }

    @Test(arguments: ClientDoor.allCases)
    func callOfACancelledTaskIsCancelled(door: ClientDoor) async throws {
        let loop = try EventLoop(name: "test")
        defer { loop.stop() }
        // Answers nothing.
        let listener = try RawListener()
        let client = DoorClient(
            door, over: HTTP2ClientTransport(target: listener.address, eventLoop: loop))
        let connecting = Task { try await client.runConnections() }
        let outcome = await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await client.call()
        }.value
        #expect(outcome.code == .cancelled && outcome.isRejected)
        connecting.cancel()
        try await connecting.value
    }

    // MARK: A client that a test plays

    @Test(arguments: RawDoorCase.requests)
    func oddRequestsHaveTheSameAnswers(request: RawDoorCase.Request) async throws {
        let reference = try await request.send(to: .grpcServer)
        #expect(reference.fields("grpc-status") == ["\(request.code.rawValue)"])
        let answer = try await request.send(to: .directMethods)
        #expect(answer == reference)
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give a socket away"))
    func strangersAreRefusedAtBothDoors() async throws {
        try await oddRequestsHaveTheSameAnswers(request: RawDoorCase.stranger)
    }

    // MARK: A server that a test plays

    @Test(arguments: RawDoorCase.responses)
    func oddResponsesHaveTheSameOutcomes(response: RawDoorCase.Response) async throws {
        let reference = try await response.outcome(for: .grpcClient)
        #expect(reference.code == response.code)
        let outcome = try await response.outcome(for: .transport)
        #expect(outcome == reference)
    }

    @Test(arguments: ClientDoor.allCases)
    func callThatIsRefusedIsSentAgain(door: ClientDoor) async throws {
        try await outcome(of: door) { listener in
            let peer = try RawPeer.accept(from: listener)
            let refused = try #require(try peer.receive { $0.kind == .headers })
            try peer.send(.reset(refused.stream, .refusedStream))
            let again = try #require(try peer.receive { $0.kind == .headers })
            try peer.answer(again.stream, with: [7])
            return peer
        }
    }

    @Test(arguments: ClientDoor.allCases)
    func callThatAServerWhichGoesAwayDidNotSeeIsSentAgain(door: ClientDoor) async throws {
        try await outcome(of: door) { listener in
            let gone = try RawPeer.accept(from: listener)
            _ = try #require(try gone.receive { $0.kind == .headers })
            try gone.send(.goAway(.noError, last: 0))
            let peer = try RawPeer.accept(from: listener)
            let again = try #require(try peer.receive { $0.kind == .headers })
            try peer.answer(again.stream, with: [7])
            return peer
        }
    }

    private func outcome(
        of door: ClientDoor, answeredBy answer: (RawListener) throws -> RawPeer
    ) async throws {
        let loop = try EventLoop(name: "test")
        defer { loop.stop() }
        let listener = try RawListener()
        let client = DoorClient(
            door, over: HTTP2ClientTransport(target: listener.address, eventLoop: loop))
        let connecting = Task { try await client.runConnections() }
        let call = Task { await client.call([1]) }
        let peer = try answer(listener)
        let outcome = await call.value
        #expect(outcome.code == .ok && outcome.message == [7])
        connecting.cancel()
        try await connecting.value
        withExtendedLifetime(peer) {}
    }
}
