import GRPCCore
import Testing

@testable import HTTP2Transport

@Suite(.timeLimit(.minutes(1)))
struct ClientStreamTests {
    /// A prefix that announces more than follows, behind a whole message.
    private static let cutOff: [UInt8] = [0, 0, 0, 0, 1, 7, 0, 0, 0, 0, 9, 1, 2]

    @Test func successThatEndsInsideAMessageIsAnError() async throws {
        let error = await #expect(throws: RPCError.self) {
            try await Self.readAll(trailers: [("grpc-status", "0")])
        }
        #expect(error?.code == .internalError)
    }

    @Test func failureThatEndsInsideAMessageKeepsItsStatus() async throws {
        let error = await #expect(throws: RPCError.self) {
            try await Self.readAll(trailers: [("grpc-status", "8"), ("grpc-message", "enough")])
        }
        #expect(error?.code == .resourceExhausted)
        #expect(error?.message == "enough")
    }

    /// Reads a stream of messages whose last one is cut off.
    private static func readAll(trailers: [(String, String)]) async throws {
        try await ScriptedServer.run(
            respond: { _ in
                ScriptedStream.Script(
                    headers: OutgoingHeaders([
                        (":status", "200"), ("content-type", "application/grpc"),
                    ]),
                    body: cutOff, trailers: OutgoingHeaders(trailers))
            },
            { client, _ in
                try await client.serverStreaming(
                    request: ClientRequest(message: [1]), descriptor: EchoService.serverStreaming,
                    serializer: BytesCoder(), deserializer: BytesCoder(), options: .defaults
                ) { response in
                    for try await message in response.messages { #expect(message == [7]) }
                }
            })
    }
}
