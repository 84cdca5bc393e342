import AgentAPI
import AgentRuntime
import GRPCCore
import Logging
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct OperationRunnerTests {
    private let directory: TemporaryDirectory
    private let artifacts: ArtifactStore
    private let sessions = LocalSessions()

    init() throws {
        directory = try TemporaryDirectory()
        artifacts = try ArtifactStore(directory: "\(directory.path)/artifacts")
    }

    private func runner(_ operations: Operation...) -> OperationRunner {
        let table = OperationTable(agentID: "test", operations: operations)
        return OperationRunner(
            table, counters: CallCounters(of: table), sessions: sessions, artifacts: artifacts,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func request(
        _ operation: String, _ json: String = "", session: String = "", timeoutMs: UInt32 = 0
    ) -> Op_Agents_V1_ExecuteRequest {
        var request = Op_Agents_V1_ExecuteRequest()
        request.operation = operation
        request.argumentsJson = json
        request.sessionID = session
        request.timeoutMs = timeoutMs
        return request
    }

    private let metadata = CallMetadata(["op-request-id": "r-1"])

    private let waiting = Operation("wait", "Waits.", arguments: []) { _, _ in
        try await untilCancelled(as: OperationResult.self)
    }

    private static func lines(_ count: Int) -> Operation {
        Operation("lines", "Writes lines.", isStreaming: true, arguments: []) { _, context in
            for number in 0..<count {
                try await context.output.write(
                    Array("line \(number)\n".utf8), to: number % 2 == 0 ? .stdout : .stderr)
                try await context.output.write(Array("\(number)".utf8), to: .progress)
            }
            return OperationResult(
                summary: "wrote", exitCode: 3, fields: ["count": .int(Int64(count))])
        }
    }

    @Test
    func theEnvelopeHoldsTheFieldsAndWhatAllResultsHave() async throws {
        let runner = runner(
            Operation(
                "add", aliases: ["plus"], "Adds.",
                arguments: [Argument("a", .integer(0...9), default: 1, "A number.")]
            ) { arguments, context in
                OperationResult(
                    summary: "added", success: false, error: "too small", exitCode: 1,
                    fields: [
                        "sum": .int((arguments.int("a") ?? 0) + 1),
                        "request": .string(context.requestID),
                    ])
            })
        let response = try await runner.execute(request("plus", #"{"a": "4"}"#), metadata: metadata)
        #expect(response.agentID == "test")
        #expect(response.operation == "add")
        #expect(!response.success)
        #expect(response.error == "too small")
        guard case .object(var fields) = try JSONValue(parsing: response.resultJson) else {
            Issue.record("not an object")
            return
        }
        let duration = fields.removeValue(forKey: "duration_ms")
        #expect(duration?.kind == "a number")
        #expect(
            fields == [
                "sum": 5, "request": "r-1", "summary": "added", "success": false, "exit_code": 1,
            ])
    }

    @Test(arguments: [
        ("nix", "", RPCError.Code.unimplemented), ("wait", "{\"x\":1}", .invalidArgument),
    ])
    func whatCannotRunIsRefused(name: String, json: String, code: RPCError.Code) async throws {
        let error = await #expect(throws: (any Error).self) {
            _ = try await runner(waiting).execute(request(name, json), metadata: metadata)
        }
        #expect(error.map { RPCError(anyError: $0).code } == code)
    }

    @Test
    func theTimeLimitOfTheRequestEndsIt() async throws {
        let error = await #expect(throws: RPCError.self) {
            _ = try await runner(waiting).execute(request("wait", timeoutMs: 1), metadata: metadata)
        }
        #expect(error?.code == .deadlineExceeded)
    }

    @Test
    func theEndOfItsSessionEndsIt() async throws {
        let started = Gate()
        let runner = runner(
            Operation("wait", "Waits.", arguments: []) { _, context in
                #expect(context.sessionID == "s")
                started.open()
                return try await untilCancelled(as: OperationResult.self)
            })
        _ = try sessions.start("s")
        let call = Task { [request] in
            try await runner.execute(request("wait", "", "s", 0), metadata: metadata)
        }
        await started.wait()
        #expect(try sessions.end("s") == 1)
        let error = await #expect(throws: RPCError.self) { _ = try await call.value }
        #expect(error == RPCError.sessionEnded("s"))
    }

    @Test
    func anUnknownSessionIsNotFound() async throws {
        let error = await #expect(throws: RPCError.self) {
            _ = try await runner(waiting).execute(
                request("wait", session: "nix"), metadata: metadata)
        }
        #expect(error?.code == .notFound)
    }

    @Test
    func streamedOutputIsChunksWithoutGapsAndThenTheResult() async throws {
        let writer = CollectingWriter<Op_Agents_V1_ExecuteStreamResponse>()
        try await runner(Self.lines(2)).executeStream(
            request("lines"), metadata: metadata, to: RPCWriter(wrapping: writer))
        let chunks = writer.elements
        #expect(chunks.map(\.sequence) == [0, 1, 2, 3, 4])
        #expect(chunks.map(\.streamType) == [.stdout, .progress, .stderr, .progress, .result])
        #expect(chunks.map(\.content) == ["line 0\n", "0", "line 1\n", "1", "wrote"])
        #expect(chunks.map(\.isFinal) == [false, false, false, false, true])
        #expect(chunks[4].exitCode == 3)
        #expect(chunks[4].success)
        #expect(chunks[4].resultJson.contains("\"count\":2"))
        #expect(!chunks[0].hasExitCode)
    }

    @Test
    func outputThatIsNotStreamedIsInTheResult() async throws {
        let response = try await runner(Self.lines(2)).execute(request("lines"), metadata: metadata)
        #expect(response.resultJson.contains(#""output":"line 0\nline 1\n""#))
        #expect(!response.resultJson.contains("truncated"))
        #expect(try directory.names(in: "artifacts").isEmpty)
    }

    @Test
    func longOutputIsCutAndKeptWhole() async throws {
        let response = try await runner(Self.lines(20_000)).execute(
            request("lines"), metadata: metadata)
        guard case .object(let fields) = try JSONValue(parsing: response.resultJson),
            case .string(let id)? = fields["artifact_id"],
            case .string(let output)? = fields["output"]
        else {
            Issue.record("no artifact")
            return
        }
        #expect(fields["truncated"] == true)
        #expect(output.utf8.count < 70_000)
        #expect(output.hasPrefix("line 0\n"))
        #expect(output.hasSuffix("line 19999\n"))
        let whole = try artifacts.read(id, offset: 0, limit: 1 << 20)
        #expect(fields["total_bytes"] == .int(whole.totalBytes))
        #expect(whole.bytes == Array((0..<20_000).map { "line \($0)\n" }.joined().utf8))
    }

    @Test
    func aResultThatNoMessageHoldsIsRefused() async throws {
        let runner = runner(
            Operation("big", "Answers much.", arguments: []) { _, _ in
                OperationResult(
                    summary: "", fields: ["text": .string(String(repeating: "x", count: 5 << 20))])
            })
        let error = await #expect(throws: OperationError.self) {
            _ = try await runner.execute(request("big"), metadata: metadata)
        }
        #expect(error?.code == .resourceExhausted)
    }
}
