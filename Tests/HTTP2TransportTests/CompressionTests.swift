import GRPCCore
import Testing

@testable import HTTP2Transport

/// gzip over real sockets: what is declared, what is sent, and what is refused.
@Suite(.timeLimit(.minutes(1)))
struct CompressionTests {
    private typealias Script = ScriptedStream.Script

    private static let message = [UInt8](repeating: 7, count: 100_000)

    // MARK: Both ends ours

    @Test(arguments: [true, false])
    func requestIsCompressedAsTheCallSays(asks: Bool) async throws {
        let (counts, counting) = AsyncStream.makeStream(of: Int.self)
        let service = EchoService { request, context in
            let response = try await EchoService.echo(request, context)
            return StreamingServerResponse(metadata: response.metadata) { writer in
                let trailers = try await response.accepted.get().producer(writer)
                counting.yield(context.http2?.compressedRequestMessages ?? -1)
                return trailers
            }
        }
        try await withEcho(service, client: Self.enabled()) { client, _, _ in
            var options = CallOptions.defaults
            if asks { options.compression = .gzip }
            let reply = try await client.echo(Self.message, options: options).message
            #expect(reply == Self.message)
            #expect(await counts.first { _ in true } == (asks ? 1 : 0))
        }
    }

    @Test func callsOwnCompressionComesBeforeTheDefault() async throws {
        let service = EchoService { request, context in
            for try await _ in request.messages {}
            return StreamingServerResponse(metadata: [
                "compressed": "\(context.http2?.compressedRequestMessages ?? -1)"
            ]) { writer in
                try await writer.write([])
                return [:]
            }
        }
        try await withEcho(service, client: Self.enabled(default: .gzip)) { client, _, _ in
            let byDefault = try await client.echo(Self.message).metadata
            #expect(Array(byDefault[stringValues: "compressed"]) == ["1"])
            var options = CallOptions.defaults
            options.compression = CompressionAlgorithm.none
            let plain = try await client.echo(Self.message, options: options).metadata
            #expect(Array(plain[stringValues: "compressed"]) == ["0"])
        }
    }

    @Test func whatIsNotEnabledIsNotUsed() async throws {
        let (counts, counting) = AsyncStream.makeStream(of: Int.self)
        let service = EchoService { request, context in
            for try await _ in request.messages {}
            counting.yield(context.http2?.compressedRequestMessages ?? -1)
            context.http2?.responseCompression = .gzip
            #expect(context.http2?.responseCompression == CompressionAlgorithm.none)
            return StreamingServerResponse(single: ServerResponse(message: Self.message))
        }
        try await withEcho(service) { client, _, _ in
            var options = CallOptions.defaults
            options.compression = .gzip
            let reply = try await client.echo(Self.message, options: options).message
            #expect(reply == Self.message)
            #expect(await counts.first { _ in true } == 0)
        }
    }

    @Test func compressedStreamIsEchoed() async throws {
        var server = HTTP2ServerTransport.Configuration()
        server.compression.defaultAlgorithm = .gzip
        try await withEcho(server: server, client: Self.enabled(default: .gzip)) { client, _, _ in
            // Far more than the windows hold, decompressed and compressed.
            let messages = (0..<200).map { index in
                (0..<50_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 5 &+ index) }
            }
            let received = try await client.bidirectionalStreaming(
                request: StreamingClientRequest { try await $0.write(contentsOf: messages) },
                descriptor: EchoService.streaming, serializer: BytesCoder(),
                deserializer: BytesCoder(), options: .defaults
            ) { response in
                var received: [[UInt8]] = []
                for try await message in response.messages { received.append(message) }
                return received
            }
            #expect(received == messages)
        }
    }

    @Test func limitIsForTheDecompressedMessage() async throws {
        try await withEcho(client: Self.enabled(default: .gzip)) { client, _, _ in
            let response = try await client.echo([UInt8](repeating: 0, count: (4 << 20) + 1))
            #expect(Self.code(of: response) == .resourceExhausted)
            // The connection lives on.
            let reply = try await client.echo(Self.message).message
            #expect(reply == Self.message)
        }
    }

    @Test func limitOfTheResponseIsForTheDecompressedMessage() async throws {
        var server = HTTP2ServerTransport.Configuration()
        server.compression.defaultAlgorithm = .gzip
        try await withEcho(server: server, client: Self.enabled()) { client, _, _ in
            var options = CallOptions.defaults
            options.maxResponseMessageBytes = Self.message.count - 1
            let response = try await client.echo(Self.message, options: options)
            #expect(Self.code(of: response) == .resourceExhausted)
            options.maxResponseMessageBytes = Self.message.count
            let reply = try await client.echo(Self.message, options: options).message
            #expect(reply == Self.message)
        }
    }

    // MARK: What a server sends

    @Test(arguments: [
        (CompressionAlgorithm.gzip, "identity, deflate, gzip" as String?, true),
        (.gzip, "gzip,identity", true), (.gzip, "identity ,  gzip ,x", true),
        (.gzip, "identity", false), (.gzip, "gzipped,xgzip", false), (.gzip, nil, false),
        (.none, "gzip", false),
    ])
    func responseIsCompressedWhereTheClientAcceptsIt(
        algorithm: CompressionAlgorithm, accepted: String?, isCompressed: Bool
    ) async throws {
        var server = HTTP2ServerTransport.Configuration()
        server.compression.defaultAlgorithm = algorithm
        let fields = accepted.map { [("grpc-accept-encoding", $0)] } ?? []
        let answer = try await Self.answer(
            Script.request(fields, messages: [(0, Self.message)]), server: server)
        #expect(answer.values("grpc-encoding") == (isCompressed ? ["gzip"] : []))
        #expect(answer.messages.map(\.flag) == [isCompressed ? 1 : 0])
        #expect(answer.values("grpc-status") == ["0"])
        let message = try #require(answer.messages.first).bytes
        #expect(
            try (isCompressed ? Gzip.decompress(message, limit: 1 << 20) : message) == Self.message)
    }

    @Test func handlerChoosesForEachMessage() async throws {
        let service = EchoService { _, context in
            context.http2?.responseCompression = .gzip
            return StreamingServerResponse { writer in
                for algorithm in [CompressionAlgorithm.gzip, .none, .gzip] {
                    context.http2?.responseCompression = algorithm
                    try await writer.write(Self.message)
                }
                // Too short to gain from it.
                try await writer.write([UInt8](repeating: 0, count: 1000))
                return [:]
            }
        }
        let answer = try await Self.answer(
            Script.request([("grpc-accept-encoding", "gzip")], messages: []), service)
        #expect(answer.messages.map(\.flag) == [1, 0, 1, 0])
    }

    @Test func compressionThatWasNotDeclaredIsNotUsed() async throws {
        let service = EchoService { _, context in
            StreamingServerResponse { writer in
                context.http2?.responseCompression = .gzip
                try await writer.write(Self.message)
                return [:]
            }
        }
        let answer = try await Self.answer(
            Script.request([("grpc-accept-encoding", "gzip")], messages: []), service)
        #expect(answer.values("grpc-encoding") == [])
        #expect(answer.messages.map(\.flag) == [0])
    }

    // MARK: What a server refuses

    @Test(arguments: [(true, "gzip,identity"), (false, "identity")])
    func unknownCompressionIsUnimplementedAndKnownOnesAreTold(
        isEnabled: Bool, accepted: String
    ) async throws {
        var server = HTTP2ServerTransport.Configuration()
        if !isEnabled { server.compression.enabledAlgorithms = .none }
        let answer = try await Self.answer(
            Script.request(
                [("grpc-encoding", isEnabled ? "snappy" : "gzip")], messages: [(1, [1])]),
            server: server)
        #expect(answer.values("grpc-status") == ["\(Status.Code.unimplemented.rawValue)"])
        #expect(answer.values("grpc-accept-encoding") == [accepted])
    }

    enum Wrong: CaseIterable {
        case undeclared, declaredAsIdentity, cutOff, garbageBehind, empty, bomb, badFlag
    }

    @Test(arguments: Wrong.allCases)
    func wrongMessageEndsTheCall(wrong: Wrong) async throws {
        let gzip = try #require(Gzip.compress(Self.message))
        let bomb = try #require(Gzip.compress([UInt8](repeating: 0, count: 8 << 20)))
        let (encoding, flag, bytes): (String?, UInt8, [UInt8]) =
            switch wrong {
            case .undeclared: (nil, 1, gzip)
            case .declaredAsIdentity: ("identity", 1, gzip)
            case .cutOff: ("gzip", 1, gzip.dropLast())
            case .garbageBehind: ("gzip", 1, gzip + [0])
            case .empty: ("gzip", 1, [])
            case .bomb: ("gzip", 1, bomb)
            case .badFlag: ("gzip", 3, gzip)
            }
        let fields = encoding.map { [("grpc-encoding", $0)] } ?? []
        let answer = try await Self.answer(Script.request(fields, messages: [(flag, bytes)]))
        let code = wrong == .bomb ? Status.Code.resourceExhausted : .internalError
        #expect(answer.values("grpc-status") == ["\(code.rawValue)"])
    }

    @Test func requestThatDeclaresGzipMayBeUncompressed() async throws {
        let gzip = try #require(Gzip.compress(Self.message))
        let answer = try await Self.answer(
            Script.request(
                [("grpc-encoding", "gzip")], messages: [(1, gzip), (0, [1, 2]), (0, [])]))
        #expect(answer.messages.map(\.bytes) == [Self.message, [1, 2], []])
    }

    // MARK: What a client refuses

    @Test(arguments: [
        ("gzip" as String?, true, nil as RPCError.Code?), ("gzip", false, .internalError),
        ("snappy", true, .internalError),
        (nil, true, .internalError),
    ])
    func compressedResponseIsReadWhereItIsEnabledAndDeclared(
        encoding: String?, isEnabled: Bool, code: RPCError.Code?
    ) async throws {
        let gzip = try #require(Gzip.compress(Self.message))
        let fields = encoding.map { [("grpc-encoding", $0)] } ?? []
        try await ScriptedServer.run(
            client: isEnabled ? Self.enabled() : .init(),
            respond: { request in
                #expect(
                    request.values("grpc-accept-encoding") == (isEnabled ? ["gzip,identity"] : []))
                return Script.response(fields, messages: [(1, gzip)])
            }
        ) { client, _ in
            let response = try await client.echo([1])
            #expect(Self.code(of: response) == code)
            if code == nil { #expect(try response.message == Self.message) }
        }
    }

    @Test func damagedResponseIsInternal() async throws {
        let gzip = try #require(Gzip.compress(Self.message))
        try await ScriptedServer.run(
            client: Self.enabled(),
            respond: { _ in
                Script.response([("grpc-encoding", "gzip")], messages: [(1, gzip.dropLast(3))])
            }
        ) { client, _ in
            let response = try await client.echo([1])
            #expect(Self.code(of: response) == .internalError)
        }
    }

    // MARK: Their parts

    private static func enabled(
        default algorithm: CompressionAlgorithm = .none
    ) -> HTTP2ClientTransport.Configuration {
        var configuration = HTTP2ClientTransport.Configuration()
        configuration.compression = MessageCompression(
            enabledAlgorithms: .gzip, defaultAlgorithm: algorithm)
        return configuration
    }

    private static func code(of response: ClientResponse<[UInt8]>) -> RPCError.Code? {
        do {
            _ = try response.message
            return nil
        } catch {
            return (error as? RPCError)?.code
        }
    }

    private static func answer(
        _ request: ScriptedStream.Script, _ service: EchoService = EchoService(),
        server: HTTP2ServerTransport.Configuration = .init()
    ) async throws -> ScriptedStream.Answer {
        try await withEchoServer(service, configuration: server) { address, loop in
            try await ScriptedPeer.exchange(request, with: address, on: loop)
        }
    }
}
