import GRPCCore
import LinuxIO
import Synchronization
import Testing

@testable import HTTP2Transport

/// What a server does about clients that waste its time, and those that only waste a connection.
@Suite(.timeLimit(.minutes(1)))
struct ServerLimitsTests {
    /// Runs a server whose clients a test plays.
    private func withServer<Result: Sendable>(
        _ service: EchoService = EchoService(),
        _ configure: (inout HTTP2ServerTransport.Configuration) -> Void = { _ in },
        _ body: @concurrent @Sendable (SocketAddress) async throws -> Result
    ) async throws -> Result {
        var configuration = HTTP2ServerTransport.Configuration()
        configure(&configuration)
        let loop = try EventLoop(name: "test")
        defer { loop.stop() }
        let transport = try HTTP2ServerTransport(
            listeners: [.address(.loopback(port: 0))], configuration: configuration,
            eventLoop: loop)
        let address = transport.localAddresses[0]
        var router = RPCRouter<HTTP2ServerTransport>()
        service.registerMethods(with: &router)
        let server = GRPCServer(transport: transport, router: router)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try? await server.serve() }
            defer { group.cancelAll() }
            return try await body(address)
        }
    }

    /// With nothing, with a part of what must come, and with something else.
    @Test(arguments: [[], Array(RawFrame.preface.prefix(20)), Array(RawFrame.preface.prefix(24))])
    func clientThatDoesNotBeginIsDisconnected(bytes: [UInt8]) async throws {
        try await withServer {
            $0.handshakeTimeout = .milliseconds(50)
        } _: { address in
            let peer = try RawPeer.connect(to: address)
            try peer.send(bytes)
            let frames = try peer.receiveToTheEnd()
            #expect(frames.last?.errorCode == .settingsTimeout)
            #expect(frames.last?.kind == .goAway)
        }
    }

    @Test func clientThatHasBegunIsNotDisconnected() async throws {
        try await withServer {
            $0.handshakeTimeout = .milliseconds(50)
            // Ends the test, by the other way out.
            $0.idleTimeout = .milliseconds(200)
        } _: { address in
            let peer = try RawPeer.begin(with: address)
            let frames = try peer.receiveToTheEnd()
            #expect(frames.compactMap(\.errorCode).allSatisfy { $0 == .noError })
        }
    }

    @Test(arguments: [true, false])
    func connectionThatIsIdleOrOldIsEndedWithoutBlame(isOld: Bool) async throws {
        try await withServer {
            if isOld {
                $0.maximumConnectionAge = .milliseconds(50)
            } else {
                $0.idleTimeout = .milliseconds(50)
            }
        } _: { address in
            let peer = try RawPeer.begin(with: address)
            let notice = try peer.receive { $0.kind == .goAway }
            #expect(notice?.errorCode == .noError)
            // A call that crosses the notice is served.
            try peer.send(.request(1), .data(1, [0, 0, 0, 0, 1, 7], endsStream: true))
            let ping = try peer.receive { $0.kind == .ping }
            if var ping {
                ping.flags = RawFrame.acknowledgement
                try peer.send(ping)
            }
            let frames = try peer.receiveToTheEnd()
            #expect(frames.contains(.data(1, [0, 0, 0, 0, 1, 7])))
            #expect(frames.last { $0.kind == .goAway }?.payload.prefix(4) == [0, 0, 0, 1])
        }
    }

    @Test func silentClientIsGivenUpAndItsCallCancelled() async throws {
        let (ended, ending) = AsyncStream.makeStream(of: Void.self)
        let service = EchoService { _, _ in
            defer { ending.yield() }
            try await Task.sleep(for: .seconds(60))
            throw RPCError(code: .internalError, message: "late")
        }
        try await withServer(service) {
            $0.keepalive = Keepalive(time: .milliseconds(50), timeout: .milliseconds(50))
        } _: { address in
            let peer = try RawPeer.begin(with: address)
            try peer.send(.request(1, endsStream: true))
            let ping = try peer.receive { $0.kind == .ping }
            #expect(ping?.flags == 0)
            _ = await ended.first { _ in true }
            #expect(try peer.receiveToTheEnd().isEmpty)
        }
    }

    @Test func clientThatAnswersIsKept() async throws {
        let service = EchoService { request, _ in
            // Not before the client says so.
            for try await _ in request.messages {}
            return StreamingServerResponse { _ in [:] }
        }
        try await withServer(service) {
            $0.keepalive = Keepalive(
                time: .milliseconds(20), timeout: .seconds(1), quietTime: .milliseconds(20))
        } _: { address in
            let peer = try RawPeer.begin(with: address)
            try peer.send(.request(1))
            for _ in 0..<2 {
                let ping = try peer.receive { $0.kind == .ping }
                guard var ping else {
                    Issue.record("the connection was closed")
                    return
                }
                ping.flags = RawFrame.acknowledgement
                try peer.send(ping)
            }
            try peer.send(.data(1, [], endsStream: true))
            let end = try peer.receive { $0.flags & RawFrame.endStream != 0 && $0.stream == 1 }
            #expect(end?.kind == .headers)
        }
    }

    @Test func connectionBeyondTheLimitIsToldSoAndOthersAreServed() async throws {
        try await withServer {
            $0.maximumConnections = 2
        } _: { address in
            let first = try RawPeer.begin(with: address)
            let second = try RawPeer.begin(with: address)
            // More than are told at one time.
            let others = try (0..<100).map { _ in
                let other = try RawPeer.connect(to: address)
                try other.send(RawFrame.preface)
                return other
            }
            for other in others {
                let frames = try other.receiveToTheEnd()
                #expect(frames.last?.errorCode == .enhanceYourCalm)
                #expect(frames.last?.debugData == "the server has 2 connections open")
            }
            for peer in [first, second] {
                try peer.send(.request(1), .data(1, [0, 0, 0, 0, 1, 7], endsStream: true))
                let reply = try peer.receive { $0.kind == .data && !$0.payload.isEmpty }
                #expect(reply == .data(1, [0, 0, 0, 0, 1, 7]))
            }
        }
    }

    @Test func numbersWithoutLimitAreTaken() async throws {
        try await withServer {
            $0.maximumConnections = .max
            $0.maximumConcurrentStreams = .max
            $0.streamWindow = .max
            $0.maximumMessageSize = .max
        } _: { address in
            let peer = try RawPeer.begin(with: address)
            try peer.send(.request(1), .data(1, [0, 0, 0, 0, 1, 7], endsStream: true))
            #expect(try peer.receive { $0.kind == .data && !$0.payload.isEmpty } != nil)
        }
    }

    @Test func handlersThatOutliveTheirCallsCount() async throws {
        let (released, releasing) = AsyncStream.makeStream(of: Void.self)
        let running = Locked(0)
        let service = EchoService { _, _ in
            running.withLock { $0 += 1 }
            // Deaf to cancellation.
            await Task { _ = await released.first { _ in true } }.value
            return StreamingServerResponse(error: RPCError(code: .aborted, message: "released"))
        }
        try await withServer(service) {
            $0.maximumConcurrentStreams = 5
        } _: { address in
            let peer = try RawPeer.begin(with: address)
            for stream in stride(from: UInt32(1), to: 61, by: 2) {
                try peer.send(.request(stream, endsStream: true), .reset(stream))
            }
            try peer.send(.request(61, endsStream: true))
            let reset = try peer.receive { $0.stream == 61 }
            #expect(reset == .reset(61, .refusedStream))
            #expect(running.withLock { $0 } == 10)
            releasing.finish()
            // Once the handlers have ended there is room again.
            var stream: UInt32 = 63
            while true {
                try peer.send(.request(stream, endsStream: true))
                let answer = try peer.receive { $0.stream == stream }
                if answer?.kind == .headers { break }
                #expect(answer == .reset(stream, .refusedStream))
                stream += 2
            }
        }
    }

    @Test func clientThatCancelsManyCallsAtOnceSurvives() async throws {
        let service = EchoService { request, context in
            try await Task.sleep(for: .seconds(60))
            return try await EchoService.echo(request, context)
        }
        try await withServer(service) { address in
            let peer = try RawPeer.begin(with: address)
            let streams = stride(from: UInt32(1), to: 4000, by: 2)
            try peer.send(streams.flatMap { RawFrame.request($0).bytes })
            try peer.send(streams.flatMap { RawFrame.reset($0).bytes })
            try peer.send(.ping)
            let answer = try peer.receive { $0.kind != .settings && $0.kind != .windowUpdate }
            #expect(answer?.kind == .ping)
        }
    }

    @Test func floodIsEndedAndToldSo() async throws {
        try await withServer { address in
            let peer = try RawPeer.begin(with: address)
            for stream in stride(from: UInt32(1), to: 20_000, by: 2) {
                try peer.send(.request(stream), .reset(stream))
            }
            let end = try peer.receive { $0.kind == .goAway }
            #expect(end?.errorCode == .enhanceYourCalm)
        }
    }

    @Test func reasonReachesAPeerThatStillSends() async throws {
        try await withServer { address in
            let peer = try RawPeer.begin(with: address)
            // Data on stream 0 breaks the protocol; the rest is unread when the connection ends.
            try peer.send(
                RawFrame.data(0, [1]).bytes
                    + (0..<100).flatMap { _ in
                        RawFrame.data(1, [UInt8](repeating: 0, count: 16_000)).bytes
                    })
            let frames = try peer.receiveToTheEnd()
            #expect(frames.last?.errorCode == .protocolError)
            #expect(frames.last?.debugData.isEmpty == false)
        }
    }

    @Test func answerToADeadlineIsAResetWhereNobodyReads() async throws {
        let service = EchoService { _, _ in
            StreamingServerResponse { writer in
                while true { try await writer.write([UInt8](repeating: 0, count: 1 << 16)) }
            }
        }
        try await withServer(service) { address in
            let peer = try RawPeer.begin(with: address)
            // Its window stays as it was at first.
            try peer.send(.request(1, adding: [("grpc-timeout", "100m")], endsStream: true))
            let end = try peer.receive {
                $0.kind == .reset || $0.kind == .headers && $0.flags & RawFrame.endStream != 0
            }
            #expect(end == .reset(1, .cancel))
        }
    }

    /// Too long for the other side, and too long to be sent.
    @Test(arguments: [20_000, 100_000])
    func requestWithTooMuchMetadataIsResourceExhausted(size: Int) async throws {
        try await withEcho { client, _, _ in
            let metadata: Metadata = ["large": .string(String(repeating: "x", count: size))]
            let response = try await client.echo([1], metadata: metadata)
            guard case .failure(let error) = response.accepted else {
                Issue.record("the call was answered")
                return
            }
            #expect(error.code == .resourceExhausted, "\(error)")
            // The connection lives on.
            let reply = try await client.echo([2]).message
            #expect(reply == [2])
        }
    }

    @Test func requestWithHeaderFieldsWithoutEndIsReset() async throws {
        try await withServer { address in
            let peer = try RawPeer.begin(with: address)
            var request = RawFrame.request(1, endsStream: true)
            request.payload += HPACK.indexed("bomb", String(repeating: "x", count: 4000))
            request.payload += [UInt8](repeating: 0x80 | 62, count: 1000)
            try peer.send(request)
            let reset = try peer.receive { $0.stream == 1 }
            #expect(reset == .reset(1, .enhanceYourCalm))
        }
    }

    /// Too long for the other side, and too long to be sent.
    @Test(arguments: [20_000, 100_000])
    func responseWithTooMuchMetadataIsResourceExhausted(size: Int) async throws {
        let service = EchoService { _, _ in
            StreamingServerResponse { writer in
                try await writer.write([1])
                return ["large": .string(String(repeating: "x", count: size))]
            }
        }
        try await withEcho(service) { client, _, _ in
            let response = try await client.echo([1])
            let error = #expect(throws: RPCError.self) { try response.message }
            #expect(error?.code == .resourceExhausted)
        }
    }
}
