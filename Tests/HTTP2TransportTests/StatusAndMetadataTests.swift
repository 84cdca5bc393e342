import GRPCCore
import HTTP2Transport
import Testing

/// Status, details and metadata as they travel, at the edges of what may travel.
@Suite(.timeLimit(.minutes(1)))
struct StatusAndMetadataTests {
    private static let details: [UInt8] = [0, 8, 5, 255, 18, 44]

    /// Fails with details, before the response has begun or after its first message.
    private static func failing(_ message: String, afterMessage: Bool) -> EchoService {
        let error = RPCError(
            code: .notFound, message: message,
            metadata: ["grpc-status-details-bin": .binary(details), "k": "1", "k": "2"])
        return EchoService { _, _ in
            guard afterMessage else { throw error }
            return StreamingServerResponse { writer in
                try await writer.write([1])
                throw error
            }
        }
    }

    @Test(
        arguments: [
            "", "plain", "100 % of it", "%41",
            "\t\ntest with whitespace\r\nand Unicode BMP \u{263a} and "
                + "non-BMP \u{1f608}\t\n",
        ], [false, true])
    func statusTravelsWithItsDetails(message: String, afterMessage: Bool) async throws {
        let service = Self.failing(message, afterMessage: afterMessage)
        try await withEcho(service) { client, _, _ in
            let error = try await client.serverStreaming(
                request: ClientRequest(message: []), descriptor: EchoService.serverStreaming,
                serializer: BytesCoder(), deserializer: BytesCoder(), options: .defaults
            ) { response -> RPCError? in
                do {
                    var count = 0
                    for try await _ in response.messages { count += 1 }
                    return nil
                } catch {
                    return error as? RPCError
                }
            }
            #expect(error?.code == .notFound)
            #expect(error?.message == message)
            let metadata = error?.metadata ?? [:]
            #expect(Array(metadata[binaryValues: "grpc-status-details-bin"]) == [Self.details])
            #expect(Array(metadata[stringValues: "k"]) == ["1", "2"])
        }
    }

    @Test(arguments: [(false, 1), (true, 2)])
    func responseThatNeverBeganIsOneBlockOfFields(afterMessage: Bool, blocks: Int) async throws {
        let service = Self.failing("gone", afterMessage: afterMessage)
        try await withEchoServer(service) { address, loop in
            let answer = try await ScriptedPeer.exchange(
                .request([], messages: [(0, [1])]), with: address, on: loop)
            #expect(answer.headers.count == blocks)
            #expect(answer.values(":status") == ["200"])
            #expect(answer.values("content-type") == ["application/grpc"])
            #expect(answer.values("grpc-status") == ["5"])
            #expect(answer.values("k") == ["1", "2"])
        }
    }

    @Test func responseOfOneBlockIsUnderstood() async throws {
        try await ScriptedServer.run(
            respond: { _ in
                .trailersOnly([
                    ("grpc-status", "5"), ("grpc-message", "a%20%C3%BC%"), ("k-bin", "AQ,Ag=="),
                    ("grpc-status-details-bin", "AAgF"),
                ])
            }
        ) { client, _ in
            let response = try await client.echo([1])
            guard case .failure(let error) = response.accepted else {
                Issue.record("the call was answered")
                return
            }
            #expect(error.code == .notFound)
            #expect(error.message == "a \u{fc}%")
            #expect(Array(error.metadata[binaryValues: "k-bin"]) == [[1], [2]])
            #expect(Array(error.metadata[binaryValues: "grpc-status-details-bin"]) == [[0, 8, 5]])
        }
    }

    @Test func binaryValuesTravelAsTheyAre() async throws {
        let values: [[UInt8]] = [[], [0], [1, 2], [44, 44, 44], Array(0...255)]
        try await withEcho { client, _, _ in
            var metadata = Metadata()
            for value in values { metadata.addBinary(value, forKey: "k-bin") }
            metadata.addString("", forKey: "empty")
            let response = try await client.echo([1], metadata: metadata)
            #expect(Array(response.metadata[binaryValues: "k-bin"]) == values)
            #expect(Array(response.metadata[stringValues: "empty"]) == [""])
        }
    }

    @Test(arguments: [("key", "\u{fc}"), ("key", "a\tb"), ("key-bin", "*")])
    func requestWithMalformedMetadataIsRefusedAndToldWhy(key: String, value: String) async throws {
        try await withEchoServer { address, loop in
            let answer = try await ScriptedPeer.exchange(
                .request([(key, value)], messages: [(0, [1])]), with: address, on: loop)
            #expect(answer.values("grpc-status") == ["\(Status.Code.internalError.rawValue)"])
            #expect(answer.values("grpc-message").first?.contains("\(key) is malformed") == true)
        }
    }

    @Test func malformedMetadataOfAResponseIsLeftOut() async throws {
        try await ScriptedServer.run(
            respond: { _ in
                .response(
                    [("server", "\u{fc}"), ("k-bin", "*"), ("k", "v")], messages: [(0, [1])],
                    trailers: [("grpc-status", "0"), ("t", "\u{fc}"), ("u", "w")])
            }
        ) { client, _ in
            let response = try await client.echo([1])
            #expect(try response.message == [1])
            #expect(Array(response.metadata).map(\.key) == ["k"])
            #expect(Array(response.trailingMetadata).map(\.key) == ["u"])
        }
    }
}
