import GRPCCore
import LinuxIO
import Testing

@testable import HTTP2Transport

/// What one end does of which GRPCCore would do nothing, or nothing the like.
enum RawDoorCase {
    /// What a client sends.
    struct Request: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: Status.Code
        var server = HTTP2ServerTransport.Configuration()
        var handler: DoorHandler = DoorScenario.echo
        let script: ScriptedStream.Script
        /// Whose socket it is; nil: this process's.
        var owner: UInt32?

        /// What comes back, and what the server saw.
        struct Answer: Equatable {
            var headers: [[String]]
            var body: [UInt8]
            var end: StreamEnd?
            var sightings: [String]

            func fields(_ name: String) -> [String] {
                headers.joined().compactMap { field in
                    field.hasPrefix("\(name): ") ? String(field.dropFirst(name.count + 2)) : nil
                }
            }
        }

        func send(to door: ServerDoor) async throws -> Answer {
            let loop = try EventLoop(name: "test")
            defer { loop.stop() }
            let sightings = Sightings()
            let server = try DoorServer(
                door, configuration: server, sightings: sightings, loop: loop, handler: handler)
            let serving = Task { try await server.serve() }
            let answer = try await ScriptedPeer.exchange(
                script, with: server.address, on: loop, as: owner)
            server.server.beginGracefulShutdown()
            try await serving.value
            return Answer(
                headers: answer.headers.map { block in
                    block.filter { $0.name != "grpc-message" }
                        .map { "\($0.name): \($0.value)" }.sorted()
                },
                body: answer.body, end: answer.end, sightings: sightings.all)
        }
    }

    /// What a server answers.
    struct Response: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: Status.Code
        let script: ScriptedStream.Script

        func outcome(for door: ClientDoor) async throws -> CallOutcome {
            try await ScriptedServer.run(respond: { [script] _ in script }) { _, transport in
                var outcome = await DoorClient(door, over: transport).call()
                // Whoever finds the fault words it.
                if outcome.text != "the handler's" { outcome.text = "" }
                return outcome
            }
        }
    }

    static let requests: [Request] = [
        request("one message", .ok, .request(messages: [(0, [1])])),
        request("no message", .internalError, .request()),
        request("two messages", .internalError, .request(messages: [(0, [1]), (0, [2])])),
        request("three messages", .internalError, .request(messages: [(0, []), (0, []), (0, [])])),
        request("undeclared compression", .internalError, .request(messages: [(1, [1])])),
        request("unknown compression flag", .internalError, .request(messages: [(2, [1])])),
        request(
            "compressed message that is none", .internalError,
            .request([("grpc-encoding", "gzip")], messages: [(1, [1, 2, 3])])),
        request(
            "unknown compression", .unimplemented,
            .request([("grpc-encoding", "zstd")], messages: [(0, [1])])),
        request("malformed timeout", .internalError, .request([("grpc-timeout", "soon")])),
        request("malformed metadata", .internalError, .request([("a-bin", "?")])),
        request("message that is cut off", .internalError, cutOff),
        Request(
            testDescription: "deadline that the server alone keeps", code: .deadlineExceeded,
            handler: DoorScenario.waitToBeCancelled,
            script: .request([("grpc-timeout", "200m")], messages: [(0, [1])])),
        Request(
            testDescription: "response in gzip", code: .ok,
            server: {
                var configuration = HTTP2ServerTransport.Configuration()
                configuration.compression.defaultAlgorithm = .gzip
                return configuration
            }(),
            script: .request(
                [("grpc-accept-encoding", "gzip")],
                messages: [(0, [UInt8](repeating: 1, count: 10_000))])),
        Request(
            testDescription: "response in gzip as the handler wants", code: .ok,
            handler: { request, context, sightings in
                context.http2?.responseCompression = .gzip
                return try await DoorScenario.echo(request, context, sightings)
            },
            script: .request(
                [("grpc-accept-encoding", "gzip")],
                messages: [(0, [UInt8](repeating: 1, count: 10_000))])),
    ]

    /// Of a user whom the server does not serve.
    static let stranger = Request(
        testDescription: "request of a stranger", code: .permissionDenied,
        server: {
            var configuration = HTTP2ServerTransport.Configuration()
            configuration.admittedPeers = .users([])
            return configuration
        }(),
        script: .request(messages: [(0, [1])]), owner: 65_533)

    private static let cutOff: ScriptedStream.Script = {
        var script = ScriptedStream.Script.request()
        script.body = [0, 0, 0, 0, 9, 1, 2]
        return script
    }()

    private static func request(
        _ description: String, _ code: Status.Code, _ script: ScriptedStream.Script
    ) -> Request {
        Request(testDescription: description, code: code, script: script)
    }

    private static let failure = [
        ("grpc-status", "9"), ("grpc-message", "the handler's"), ("why", "one"), ("why", "two"),
    ]
    private static let metadata = [("initial", "one"), ("initial-bin", "AAE")]

    static let responses: [Response] = [
        response("one message", .ok, .response(metadata, messages: [(0, [1])])),
        response("no message", .unimplemented, .response(metadata)),
        response("two messages", .unimplemented, .response(messages: [(0, [1]), (0, [2])])),
        response(
            "three messages", .unimplemented,
            .response(messages: [(0, [1]), (0, [2]), (0, [3])], trailers: failure)),
        response("failure alone", .failedPrecondition, .trailersOnly(failure)),
        response("success alone", .unimplemented, .trailersOnly([("grpc-status", "0")])),
        response(
            "failure after metadata", .failedPrecondition, .response(metadata, trailers: failure)),
        response(
            "failure after a message", .failedPrecondition,
            .response(metadata, messages: [(0, [1])], trailers: failure)),
        response(
            "failure after two messages", .failedPrecondition,
            .response(metadata, messages: [(0, [1]), (0, [2])], trailers: failure)),
        response(
            "status that gRPC does not know", .unknown,
            .response(messages: [(0, [1])], trailers: [("grpc-status", "99")])),
        response(
            "no status", .unknown,
            .response(messages: [(0, [1])], trailers: [("another", "field")])),
        response("end without trailers", .internalError, plain([0, 0, 0, 0, 1, 7])),
        response(
            "message that is cut off", .internalError,
            .init(
                headers: OutgoingHeaders([
                    (":status", "200"), ("content-type", "application/grpc"),
                ]),
                body: [0, 0, 0, 0, 9, 1], trailers: OutgoingHeaders([("grpc-status", "0")]))),
        response("undeclared compression", .internalError, .response(messages: [(1, [1])])),
        response("unknown compression flag", .internalError, .response(messages: [(7, [1])])),
        response(
            "HTTP error", .unavailable, .init(headers: OutgoingHeaders([(":status", "503")]))),
        response(
            "page of a website", .unknown,
            .init(
                headers: OutgoingHeaders([(":status", "200"), ("content-type", "text/html")]),
                body: Array("<html>".utf8))),
    ]

    private static func plain(_ body: [UInt8]) -> ScriptedStream.Script {
        .init(
            headers: OutgoingHeaders([(":status", "200"), ("content-type", "application/grpc")]),
            body: body)
    }

    private static func response(
        _ description: String, _ code: Status.Code, _ script: ScriptedStream.Script
    ) -> Response {
        Response(testDescription: description, code: code, script: script)
    }
}
