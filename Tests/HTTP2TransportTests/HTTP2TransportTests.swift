import GRPCCore
import Glibc
import HTTP2Transport
import LinuxIO
import Testing

@Suite(.timeLimit(.minutes(1)))
struct HTTP2TransportTests {
    @Test func unaryCallIsAnswered() async throws {
        try await withEcho { client, _, _ in
            let response = try await client.echo(Array("hello".utf8))
            #expect(try response.message == Array("hello".utf8))
            #expect(
                Array(response.trailingMetadata[stringValues: "trailing-key"]) == ["trailing value"]
            )
        }
    }

    @Test func metadataTravelsBothWays() async throws {
        try await withEcho { client, _, _ in
            let response = try await client.echo(
                [1],
                metadata: ["text": "value", "bytes-bin": .binary([0, 255, 7]), "text": "second"])
            #expect(Array(response.metadata[stringValues: "text"]) == ["value", "second"])
            #expect(Array(response.metadata[binaryValues: "bytes-bin"]) == [[0, 255, 7]])
        }
    }

    @Test(arguments: [0, 1, 16_379, 16_380, 65_536, 300_000, 4 << 20])
    func messageOfAnySizeUpToTheLimitIsEchoed(size: Int) async throws {
        try await withEcho { client, _, _ in
            let message = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
            let response = try await client.echo(message)
            #expect(try response.message == message)
        }
    }

    @Test func messageOverTheServersLimitIsResourceExhausted() async throws {
        try await withEcho { client, _, _ in
            let response = try await client.echo([UInt8](repeating: 0, count: (4 << 20) + 1))
            #expect(throws: RPCError.self) { try response.message }
            guard case .failure(let error) = response.accepted else { return }
            #expect(error.code == .resourceExhausted)
            // The connection lives on.
            let reply = try await client.echo([1]).message
            #expect(reply == [1])
        }
    }

    @Test func unknownMethodIsUnimplemented() async throws {
        try await withEcho { client, _, _ in
            let response = try await client.echo([1], method: EchoService.missing)
            guard case .failure(let error) = response.accepted else {
                Issue.record("the call was answered")
                return
            }
            #expect(error.code == .unimplemented)
        }
    }

    @Test func manyCallsShareOneConnection() async throws {
        try await withEcho { client, _, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<1000 {
                    group.addTask {
                        let message = Array("\(index)".utf8)
                        let reply = try await client.echo(message).message
                        #expect(reply == message)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func cancelledCallCancelsItsHandler() async throws {
        let (started, starting) = AsyncStream.makeStream(of: Void.self)
        let (ended, ending) = AsyncStream.makeStream(of: Void.self)
        let service = EchoService { _, _ in
            starting.yield()
            do {
                try await Task.sleep(for: .seconds(60))
            } catch {
                ending.yield()
                throw error
            }
            return StreamingServerResponse(error: RPCError(code: .internalError, message: "late"))
        }
        try await withEcho(service) { client, _, _ in
            let call = Task { try await client.echo([1]) }
            _ = await started.first { _ in true }
            call.cancel()
            _ = await ended.first { _ in true }
            _ = await call.result
        }
    }

    @Test func whatACancelledWriterThrowsIsACancellationToTheReader() async throws {
        let loop = try EventLoop(name: "test")
        defer { loop.stop() }
        // Answers nothing.
        let silent = try ListeningSocket.bind(to: .loopback(port: 0))
        let transport = HTTP2ClientTransport(target: silent.localAddress, eventLoop: loop)
        let error = await #expect(throws: RPCError.self) {
            try await transport.withStream(descriptor: EchoService.streaming, options: .defaults) {
                stream, _ in
                try await stream.outbound.write(.metadata([:]))
                await Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    await stream.outbound.finish(throwing: CancellationError())
                }.value
                for try await _ in stream.inbound {}
            }
        }
        #expect(error?.code == .cancelled)
    }

    @Test func bidirectionalStreamAlternates() async throws {
        try await withEcho { client, _, _ in
            let (turns, next) = AsyncStream.makeStream(of: Int.self)
            next.yield(0)
            let count = try await client.bidirectionalStreaming(
                request: StreamingClientRequest { writer in
                    for await turn in turns { try await writer.write([UInt8(turn)]) }
                },
                descriptor: EchoService.streaming, serializer: BytesCoder(),
                deserializer: BytesCoder(), options: .defaults
            ) { response in
                var count = 0
                for try await message in response.messages {
                    #expect(message == [UInt8(count)])
                    count += 1
                    if count == 100 { next.finish() } else { next.yield(count) }
                }
                return count
            }
            #expect(count == 100)
        }
    }

    @Test func serverThatIsNotThereIsUnavailable() async throws {
        let loop = try EventLoop(name: "test")
        defer { loop.stop() }
        let free = try ListeningSocket.bind(to: .loopback(port: 0)).localAddress
        let client = GRPCClient(transport: HTTP2ClientTransport(target: free, eventLoop: loop))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.runConnections() }
            let response = try await client.echo([1])
            guard case .failure(let error) = response.accepted else {
                Issue.record("the call was answered")
                return
            }
            #expect(error.code == .unavailable)
            client.beginGracefulShutdown()
            try await group.waitForAll()
        }
    }

    @Test func gracefulShutdownLetsCallsFinish() async throws {
        let (started, starting) = AsyncStream.makeStream(of: Void.self)
        let (released, releasing) = AsyncStream.makeStream(of: Void.self)
        let service = EchoService { request, context in
            starting.yield()
            _ = await released.first { _ in true }
            return try await EchoService.echo(request, context)
        }
        try await withEcho(service) { client, server, _ in
            let call = Task { try await client.echo([7]) }
            _ = await started.first { _ in true }
            server.beginGracefulShutdown()
            releasing.yield()
            let reply = try await call.value.message
            #expect(reply == [7])
        }
    }

    @Test func slowReaderHoldsTheWriterBack() async throws {
        // The writer can be ahead by what the windows and buffers hold, and no further.
        let (progress, progressing) = AsyncStream.makeStream(of: Int.self)
        let total = 256
        let service = EchoService { _, _ in
            StreamingServerResponse { writer in
                for index in 0..<total {
                    try await writer.write([UInt8](repeating: 0, count: 64 << 10))
                    progressing.yield(index)
                }
                progressing.finish()
                return [:]
            }
        }
        try await withEcho(service) { client, _, _ in
            let received = try await client.serverStreaming(
                request: ClientRequest(message: []), descriptor: EchoService.serverStreaming,
                serializer: BytesCoder(), deserializer: BytesCoder(), options: .defaults
            ) { response in
                var written = 0
                var received = 0
                var iterator = progress.makeAsyncIterator()
                for try await _ in response.messages {
                    received += 1
                    // Takes one message for each that is written: the lead stays what it is.
                    if let index = await iterator.next() { written = index + 1 }
                    #expect(written - received < 16)
                }
                return received
            }
            #expect(received == total)
        }
    }

    @Test func clientStopsThoughACallGaveUpWhileTheServerIsDown() async throws {
        struct GaveUp: Error {}
        let loop = try EventLoop(name: "test")
        defer { loop.stop() }
        let free = try ListeningSocket.bind(to: .loopback(port: 0)).localAddress
        let client = GRPCClient(transport: HTTP2ClientTransport(target: free, eventLoop: loop))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.runConnections() }
            var options = CallOptions.defaults
            options.waitForReady = true
            await #expect(throws: RPCError.self) {
                try await client.clientStreaming(
                    request: StreamingClientRequest { (_: RPCWriter<[UInt8]>) in throw GaveUp() },
                    descriptor: EchoService.clientStreaming, serializer: BytesCoder(),
                    deserializer: BytesCoder(), options: options
                ) { try $0.message }
            }
            client.beginGracefulShutdown()
            try await group.waitForAll()
        }
    }

    @Test func callThatIsGivenUpBeforeItLeavesIsNoCallToTheServer() async throws {
        struct GaveUp: Error {}
        try await withEcho { client, _, loop in
            // On the loop, where the call opens, begins and ends in one turn.
            _ = await #expect(throws: RPCError.self) {
                try await Task(executorPreference: loop) {
                    try await client.clientStreaming(
                        request: StreamingClientRequest { (_: RPCWriter<[UInt8]>) in throw GaveUp()
                        },
                        descriptor: EchoService.clientStreaming, serializer: BytesCoder(),
                        deserializer: BytesCoder(), options: .defaults
                    ) { try $0.message }
                }.value
            }
            // Both sides end: a call that the server still had would keep it from that.
        }
    }

    @Test func silentPeerDoesNotHoldUpAShutdown() async throws {
        let loop = try EventLoop(name: "test")
        defer { loop.stop() }
        let transport = try HTTP2ServerTransport(
            listeners: [.address(.loopback(port: 0))], eventLoop: loop)
        let server = GRPCServer(transport: transport, router: RPCRouter<HTTP2ServerTransport>())
        let peer = try Socket.connect(to: transport.localAddresses[0])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.serve() }
            // Answered once the silent peer's connection, which came first, is accepted.
            let client = GRPCClient(
                transport: HTTP2ClientTransport(
                    target: transport.localAddresses[0], eventLoop: loop))
            group.addTask { try await client.runConnections() }
            _ = try await client.echo([1], method: EchoService.missing)
            client.beginGracefulShutdown()
            server.beginGracefulShutdown()
            try await group.waitForAll()
        }
        _ = consume peer
    }

    @Test func unixSocketServes() async throws {
        let path = "/tmp/op-agents-test-\(UInt64.random(in: 0...UInt64.max)).sock"
        defer { unlink(path) }
        try await withEcho(address: .unix(path: path)) { client, _, _ in
            let reply = try await client.echo([1, 2]).message
            #expect(reply == [1, 2])
        }
    }
}
