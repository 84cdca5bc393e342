import GRPCCore
import Glibc
import LinuxIO
import Testing

@testable import HTTP2Transport

/// What a client does about servers that are stopped, gone, or not to be had.
@Suite(.timeLimit(.minutes(1)))
struct ClientLimitsTests {
    /// Runs a client whose server a test plays.
    private func withClient<Result: Sendable>(
        of address: SocketAddress, _ configure: (inout HTTP2ClientTransport.Configuration) -> Void,
        _ body:
            @concurrent @Sendable (GRPCClient<HTTP2ClientTransport>, EventLoop) async throws ->
            Result
    ) async throws -> Result {
        var configuration = HTTP2ClientTransport.Configuration()
        configure(&configuration)
        let loop = try EventLoop(name: "test")
        defer { loop.stop() }
        let client = GRPCClient(
            transport: HTTP2ClientTransport(
                target: address, configuration: configuration, eventLoop: loop))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try? await client.runConnections() }
            defer { group.cancelAll() }
            return try await body(client, loop)
        }
    }

    private func error(of response: ClientResponse<[UInt8]>) -> RPCError? {
        guard case .failure(let error) = response.accepted else { return nil }
        return error
    }

    @Test func silentServerIsGivenUp() async throws {
        // The kernel takes connections and bytes, and nobody reads them, as of a stopped process.
        let listener = try RawListener()
        try await withClient(of: listener.address) {
            $0.keepalive = Keepalive(time: .milliseconds(50), timeout: .milliseconds(50))
        } _: { client, loop in
            let error = error(of: try await client.echo([1]))
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("PING") == true)
            // It was sent, and may have had an effect.
            #expect(error?.cause == nil)
        }
    }

    @Test func idleConnectionIsClosedAndMadeAgain() async throws {
        let listener = try RawListener()
        try await withClient(of: listener.address) {
            $0.idleTimeout = .milliseconds(50)
        } _: { client, loop in
            for round in UInt8(1)...2 {
                let call = Task(executorPreference: loop) { try await client.echo([round]) }
                let server = try RawPeer.accept(from: listener)
                _ = try server.receive { $0.kind == .data }
                try server.answer(1, with: [round])
                #expect(try await call.value.message == [round])
                let frames = try server.receiveToTheEnd()
                #expect(frames.last { $0.kind == .goAway }?.errorCode == .noError)
            }
        }
    }

    @Test func serverThatIsFullIsNotAskedAgainAtOnce() async throws {
        let listener = try RawListener()
        try await withClient(of: listener.address) {
            $0.backoff = ConnectionBackoff(initial: .seconds(60), maximum: .seconds(60))
        } _: { client, loop in
            let first = Task(executorPreference: loop) { try await client.echo([1]) }
            let server = try RawPeer.accept(from: listener)
            _ = try server.receive { $0.kind == .headers }
            try server.send(.goAway(.enhanceYourCalm))
            #expect(error(of: try await first.value)?.code == .unavailable)
            let second = error(of: try await client.echo([2]))
            #expect(second?.code == .unavailable)
            #expect(second?.message.contains("ENHANCE_YOUR_CALM") == true)
        }
    }

    @Test func callThatCouldNotBeSentHasTheSystemsReason() async throws {
        let free = try ListeningSocket.bind(to: .loopback(port: 0)).localAddress
        try await withClient(of: free) { _ in
        } _: { client, loop in
            // The attempt, and the wait after it.
            for _ in 0..<2 {
                let error = error(of: try await client.echo([1]))
                #expect((error?.cause as? SystemError)?.code == ECONNREFUSED)
            }
        }
    }

    /// Ways for a server to lose a call that it has.
    enum Loss: CaseIterable {
        case close, reset, goAway

        func happen(to server: RawPeer) throws {
            switch self {
            case .close: break
            case .reset: try server.send(.reset(1, .internalError))
            case .goAway: try server.send(.goAway(.internalError, last: 1))
            }
        }
    }

    @Test(arguments: Loss.allCases)
    func callThatWasSentHasNoSystemError(loss: Loss) async throws {
        let listener = try RawListener()
        try await withClient(of: listener.address) { _ in
        } _: { client, loop in
            let response = Task(executorPreference: loop) { try await client.echo([1]) }
            do {
                let server = try RawPeer.accept(from: listener)
                _ = try server.receive { $0.kind == .data }
                try loss.happen(to: server)
            }
            let error = error(of: try await response.value)
            #expect(error != nil)
            #expect(error?.cause == nil)
        }
    }

    @Test func reasonOfTheServerReachesTheCaller() async throws {
        let listener = try RawListener()
        try await withClient(of: listener.address) { _ in
        } _: { client, loop in
            let call = Task(executorPreference: loop) { try await client.echo([1]) }
            let server = try RawPeer.accept(from: listener)
            _ = try server.receive { $0.kind == .data }
            try server.send(.goAway(.internalError, last: 1, because: "it is on fire"))
            try server.finish()
            let error = error(of: try await call.value)
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("INTERNAL_ERROR: it is on fire") == true)
        }
    }

    @Test func callWhoseWindowStaysShutWaitsAndIsCancelled() async throws {
        let listener = try RawListener()
        try await withClient(of: listener.address) { _ in
        } _: { client, loop in
            let call = Task(executorPreference: loop) {
                try await client.echo([UInt8](repeating: 1, count: 200_000))
            }
            let server = try RawPeer.accept(from: listener)
            var received = 0
            while received < 65_535 {
                received += try server.receive { $0.kind == .data }?.payload.count ?? .max
            }
            // The window of a stream as it is at first, and not a byte more.
            #expect(received == 65_535)
            call.cancel()
            let end = try server.receive { $0.kind == .reset || $0.kind == .data }
            #expect(end == .reset(1, .cancel))
            _ = await call.result
        }
    }

    @Test func callThatTheServerDidNotTakeIsMadeOnAnotherConnection() async throws {
        let listener = try RawListener()
        try await withClient(of: listener.address) { _ in
        } _: { client, loop in
            // The server goes away while the second call is under way to it, and takes only the first.
            let first = Task(executorPreference: loop) { try await client.echo([1]) }
            let server = try RawPeer.accept(from: listener)
            _ = try server.receive { $0.kind == .data }
            let second = Task(executorPreference: loop) { try await client.echo([2]) }
            _ = try server.receive { $0.kind == .data && $0.stream == 3 }
            try server.send(.goAway(.noError, last: 1))
            let other = try RawPeer.accept(from: listener)
            #expect(try other.receive { $0.kind == .data }?.payload.last == 2)
            try server.answer(1, with: [1])
            try other.answer(1, with: [2])
            #expect(try await first.value.message == [1])
            #expect(try await second.value.message == [2])
        }
    }

    @Test func callWhoseConnectionIsLostBeforeItLeavesIsMadeOnAnother() async throws {
        let listener = try RawListener()
        let loop = try EventLoop(name: "test")
        defer { loop.stop() }
        loop.execute {
            let connector = Connector(
                target: listener.address, configuration: .init(), loop: loop)
            func open(then body: (ClientStream) -> Void = { _ in }) throws {
                let stream = ClientStream(
                    descriptor: EchoService.unary, options: .defaults, authority: "test",
                    connector: connector)
                let head = try stream.requestHeaders([:])
                _ = try stream.outbound.putHead(.withBody(head))
                let written = try stream.outbound.finish { _ in (nil, .plain) }
                stream.open()
                // What it has written is due at the end of the turn.
                stream.flush(written)
                body(stream)
            }
            do {
                try open { _ in }
                // Once the first one has a connection.
                loop.schedule(after: .milliseconds(50)) {
                    try? open { $0.connection?.close(reason: "the test says so") }
                }
            } catch {
                Issue.record(error)
            }
        }
        let first = try RawPeer.accept(from: listener)
        #expect(try first.receive { $0.kind == .headers }?.stream == 1)
        let second = try RawPeer.accept(from: listener)
        #expect(try second.receive { $0.kind == .headers }?.stream == 1)
        #expect(try first.receiveToTheEnd().allSatisfy { $0.kind != .headers })
    }

    @Test func windowOpensOnceAReaderThatIsLateReads() async throws {
        let listener = try RawListener()
        let (ready, reading) = AsyncStream.makeStream(of: Void.self)
        try await withClient(of: listener.address) { _ in
        } _: { client, loop in
            let call = Task(executorPreference: loop) {
                try await client.serverStreaming(
                    request: ClientRequest(message: []), descriptor: EchoService.serverStreaming,
                    serializer: BytesCoder(), deserializer: BytesCoder(), options: .defaults
                ) { response in
                    _ = await ready.first { _ in true }
                    var count = 0
                    for try await _ in response.messages { count += 1 }
                    return count
                }
            }
            let server = try RawPeer.accept(from: listener)
            _ = try server.receive { $0.kind == .data }
            try server.send(
                .headers(1, [(":status", "200"), ("content-type", "application/grpc")]))
            let message = [0, 0, 0, 0x0f, 0xfb] + [UInt8](repeating: 7, count: 4091)
            // The whole window, in messages of 4 KiB, and what comes after them.
            for _ in 0..<64 { try server.send(.data(1, message)) }
            try server.send(.ping)
            let answer = try server.receive { $0.kind == .ping || $0.stream == 1 }
            #expect(answer?.kind == .ping)
            reading.yield()
            let update = try server.receive { $0.kind == .windowUpdate && $0.stream == 1 }
            #expect(update.map { RawFrame.number($0.payload[...]) } ?? 0 >= 4096)
            try server.send(
                .data(1, message), .headers(1, [("grpc-status", "0")], endsStream: true))
            let count = try await call.value
            #expect(count == 65)
        }
    }

    @Test func serverMayResetAllCallsAtOnce() async throws {
        let listener = try RawListener()
        try await withClient(of: listener.address) { _ in
        } _: { client, loop in
            let count = UInt32(1500)
            let calls = (0..<count).map { _ in
                Task(executorPreference: loop) { error(of: try await client.echo([1])) }
            }
            let server = try RawPeer.accept(from: listener)
            for _ in 0..<count { _ = try server.receive { $0.kind == .headers } }
            try server.send((0..<count).flatMap { RawFrame.reset(1 + 2 * $0).bytes })
            for call in calls { #expect(try await call.value?.code == .cancelled) }
            let other = Task(executorPreference: loop) { try await client.echo([2]) }
            let stream = try #require(try server.receive { $0.kind == .headers }?.stream)
            #expect(stream == 1 + 2 * count)
            try server.answer(stream, with: [2])
            #expect(try await other.value.message == [2])
        }
    }

    @Test func lastIdentifierOfAStreamIsFollowedByAnotherConnection() async throws {
        let listener = try RawListener()
        try await withClient(of: listener.address) {
            $0.lastStreamID = 3
        } _: { client, loop in
            let calls = (UInt8(1)...3).map { number in
                Task(executorPreference: loop) { try await client.echo([number]) }
            }
            let first = try RawPeer.accept(from: listener)
            let isOfInterest = { (frame: RawFrame) in [.headers, .goAway].contains(frame.kind) }
            let frames = try (0..<3).map { _ in try first.receive(where: isOfInterest) }
            #expect(
                frames.compactMap { $0 }.filter { $0.kind == .headers }.map(\.stream) == [1, 3])
            #expect(frames.contains { $0?.errorCode == .noError })
            let second = try RawPeer.accept(from: listener)
            #expect(try second.receive { $0.kind == .headers }?.stream == 1)
            for stream in [UInt32(1), 3] { try first.answer(stream, with: [7]) }
            try second.answer(1, with: [7])
            for call in calls { #expect(try await call.value.message == [7]) }
            // And it ends with its calls.
            _ = try first.receiveToTheEnd()
        }
    }

    @Test func callThatWaitsForItsConnectionLeavesThoughTheClientIsShutDown() async throws {
        let listener = try RawListener()
        let loop = try EventLoop(name: "test")
        defer { loop.stop() }
        let transport = HTTP2ClientTransport(target: listener.address, eventLoop: loop)
        let call = Task(executorPreference: loop) {
            // Once the call has begun to connect, in the same turn.
            loop.execute { transport.beginGracefulShutdown() }
            return await transport.unary(
                request: ClientRequest(message: [1]), descriptor: EchoService.unary)
        }
        let server = try RawPeer.accept(from: listener)
        let stream = try #require(try server.receive { $0.kind == .headers }?.stream)
        try server.answer(stream, with: [7])
        #expect(try await call.value.message == [7])
        try server.finish()
        try await transport.connect()
    }

    @Test func callThatComesAfterTheStopFails() async throws {
        let listener = try RawListener()
        let loop = try EventLoop(name: "test")
        defer { loop.stop() }
        let transport = HTTP2ClientTransport(target: listener.address, eventLoop: loop)
        // It was let in just before the shutdown, and comes to the loop after it.
        let stream = try transport.makeStream(
            descriptor: EchoService.unary, options: .defaults)
        transport.beginGracefulShutdown()
        try await transport.connect()
        stream.open()
        await #expect(throws: RPCError.self) { try await stream.next() }
    }

    @Test func readerThatOutlivesItsCallIsToldSo() async throws {
        let listener = try RawListener()
        let loop = try EventLoop(name: "test")
        defer { loop.stop() }
        let transport = HTTP2ClientTransport(target: listener.address, eventLoop: loop)
        let inbound = try await transport.withStream(
            descriptor: EchoService.unary, options: .defaults
        ) { stream, _ in stream.inbound }
        await #expect(throws: RPCError.self) { for try await _ in inbound {} }
    }

    @Test func metadataThatIsWrittenTwiceLeavesNoTimer() async throws {
        let listener = try RawListener()
        let loop = try EventLoop(name: "test")
        defer { loop.stop() }
        let transport = HTTP2ClientTransport(target: listener.address, eventLoop: loop)
        var metadata = Metadata()
        metadata.callTimeout = .milliseconds(20)
        try await transport.withStream(
            descriptor: EchoService.unary, options: .defaults
        ) { [metadata] stream, _ in
            try await stream.outbound.write(.metadata(metadata))
            await #expect(throws: RPCError.self) {
                try await stream.outbound.write(.metadata(metadata))
            }
        }
        // Its time would be over by then.
        await withCheckedContinuation { continuation in
            loop.execute {
                loop.schedule(after: .milliseconds(40)) { continuation.resume() }
            }
        }
    }
}
