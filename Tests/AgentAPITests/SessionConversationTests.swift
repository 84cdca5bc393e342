import AgentAPI
import GRPCCore
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SessionConversationTests {
    /// A client at the other end of the stream.
    private final class Client: Sendable {
        let answers = CollectingWriter<Op_Agents_V1_SessionResponse>()
        let sessions = OneSession()
        let drain = ConversationDrain()
        private let requests:
            AsyncThrowingStream<Op_Agents_V1_SessionRequest, any Error>.Continuation
        let outcome: Task<Void, any Error>

        init(_ executor: ScriptedExecutor = ScriptedExecutor()) {
            let (stream, requests) = AsyncThrowingStream<Op_Agents_V1_SessionRequest, any Error>
                .makeStream()
            self.requests = requests
            outcome = Task { [answers, sessions, drain] in
                let conversation = SessionConversation(
                    executor: executor, sessions: sessions, drain: drain)
                try await conversation.run(
                    RPCAsyncSequence(wrapping: stream), metadata: CallMetadata([:]),
                    to: RPCWriter(wrapping: answers))
            }
        }

        func send(
            _ id: String, session: String = "",
            _ message: Op_Agents_V1_SessionRequest.OneOf_Message? = nil
        ) {
            var request = Op_Agents_V1_SessionRequest()
            request.correlationID = id
            request.sessionID = session
            request.message = message
            requests.yield(request)
        }

        func execute(_ id: String, _ operation: String, session: String = "", stream: Bool = false)
        {
            var execute = Op_Agents_V1_SessionExecute()
            execute.request = Op_Agents_V1_ExecuteRequest(operation)
            execute.stream = stream
            send(id, session: session, .execute(execute))
        }

        func halfClose() { requests.finish() }
    }

    /// "wait" runs until it is cancelled, anything else answers at once.
    private let waiting = ScriptedExecutor { request, _ in
        if request.operation == "wait" { try await untilCancelled() }
        return .answering(request)
    }

    @Test
    func manyCallsRunAtOnceAndAreToldApart() async throws {
        let client = Client(waiting)
        client.execute("slow", "wait", session: "s")
        client.execute("fast", "echo")
        let answer = try #require(await client.answers.next())
        #expect(answer.correlationID == "fast")
        #expect(answer.result.operation == "echo")
        #expect(answer.result.resultJson == "s", "the call belongs to the stream's session")
        client.send("slow", .cancel(Op_Agents_V1_SessionCancel()))
        let cancelled = try #require(await client.answers.next())
        #expect(cancelled.correlationID == "slow")
        #expect(cancelled.error.code == .cancelled)
        client.halfClose()
        try await client.outcome.value
        #expect(client.sessions.events == ["began", "ended"])
    }

    @Test
    func aStreamedCallIsAnsweredWithChunks() async throws {
        let client = Client()
        client.execute("c", "echo", session: "s", stream: true)
        client.halfClose()
        try await client.outcome.value
        #expect(client.answers.elements.map(\.chunk.sequence) == [0, 1])
        #expect(client.answers.elements.map(\.chunk.isFinal) == [false, true])
        #expect(client.answers.elements.map(\.correlationID) == ["c", "c"])
    }

    @Test
    func aHeartbeatRenewsTheLeaseAndComesBack() async throws {
        let client = Client()
        var heartbeat = Op_Agents_V1_SessionHeartbeat()
        heartbeat.nonce = 42
        client.send("h", session: "s", .heartbeat(heartbeat))
        let answer = try #require(await client.answers.next())
        #expect(answer.heartbeat.nonce == 42)
        #expect(answer.correlationID == "h")
        client.halfClose()
        try await client.outcome.value
        #expect(client.sessions.events.contains("renewed"))
    }

    @Test
    func aHalfClosedStreamFinishesItsCalls() async throws {
        let isDone = Gate()
        let client = Client(
            ScriptedExecutor { request, _ in
                await isDone.wait()
                return .answering(request)
            })
        client.execute("c", "echo", session: "s")
        client.halfClose()
        isDone.open()
        try await client.outcome.value
        #expect(client.answers.elements.map(\.result.operation) == ["echo"])
    }

    @Test
    func theEndOfTheSessionEndsStreamAndCalls() async throws {
        let started = Gate()
        let client = Client(
            ScriptedExecutor { request, _ in
                started.open()
                try await untilCancelled()
                return .answering(request)
            })
        client.execute("c", "wait", session: "s")
        await started.wait()
        client.sessions.end()
        let error = await #expect(throws: RPCError.self) { try await client.outcome.value }
        #expect(error?.code == .cancelled)
        #expect(error?.message.contains("has ended") == true)
    }

    @Test
    func aServerThatStopsEndsAnIdleConversation() async throws {
        let client = Client()
        client.execute("c", "echo", session: "s")
        #expect(await client.answers.next()?.result.operation == "echo")
        client.drain.begin()
        let error = await #expect(throws: RPCError.self) { try await client.outcome.value }
        #expect(error?.code == .unavailable)
    }

    @Test
    func aServerThatStopsLetsRunningCallsFinishAndRefusesOthers() async throws {
        let started = Gate()
        let mayEnd = Gate()
        let client = Client(
            ScriptedExecutor { request, _ in
                started.open()
                await mayEnd.wait()
                return .answering(request)
            })
        client.execute("running", "slow", session: "s")
        await started.wait()
        client.drain.begin()
        client.execute("late", "echo")
        #expect(await client.answers.next()?.error.code == .unavailable)
        mayEnd.open()
        #expect(await client.answers.next()?.result.operation == "slow")
        let error = await #expect(throws: RPCError.self) { try await client.outcome.value }
        #expect(error?.code == .unavailable)
    }

    @Test
    func aRunningCorrelationIDIsNotTakenTwice() async throws {
        let client = Client(waiting)
        client.execute("c", "wait", session: "s")
        client.execute("c", "echo")
        #expect(await client.answers.next()?.error.code == .alreadyExists)
        client.send("c", .cancel(Op_Agents_V1_SessionCancel()))
        #expect(await client.answers.next()?.error.code == .cancelled)
        client.execute("c", "echo")
        #expect(await client.answers.next()?.result.operation == "echo")
        client.halfClose()
        try await client.outcome.value
    }

    @Test
    func aBadMessageIsAnsweredAndTheStreamGoesOn() async throws {
        let client = Client()
        client.send("nothing", session: "s")
        client.execute("", "echo")
        client.execute(String(repeating: "x", count: 129), "echo")
        client.execute("other", "echo", session: "t")
        client.send("unknown", .cancel(Op_Agents_V1_SessionCancel()))
        client.execute("good", "echo")
        client.halfClose()
        try await client.outcome.value
        let codes = client.answers.elements.map(\.error.code)
        #expect(codes == Array(repeating: .invalidArgument, count: 4) + [.unspecified])
        #expect(client.answers.elements.last?.result.operation == "echo")
    }

    @Test(arguments: [("", RPCError.Code.invalidArgument), ("unknown", .notFound)])
    func theFirstMessageNamesASessionThatExists(session: String, code: RPCError.Code) async throws {
        let client = Client()
        client.execute("c", "echo", session: session)
        let error = await #expect(throws: RPCError.self) { try await client.outcome.value }
        #expect(error?.code == code)
    }

    @Test
    func aStreamWithoutMessagesEndsWell() async throws {
        let client = Client()
        client.halfClose()
        try await client.outcome.value
        #expect(client.sessions.events.isEmpty)
    }
}
