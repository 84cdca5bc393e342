import AgentAPI
import GRPCCore
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct BatchExecutionTests {
    private typealias Answers = CollectingWriter<Op_Agents_V1_BatchExecuteResponse>

    private func batch(
        _ operations: [String], parallel: Bool, session: String = ""
    ) -> Op_Agents_V1_BatchExecuteRequest {
        var batch = Op_Agents_V1_BatchExecuteRequest()
        batch.requests = operations.map { Op_Agents_V1_ExecuteRequest($0) }
        batch.parallel = parallel
        batch.sessionID = session
        return batch
    }

    private func run(
        _ batch: Op_Agents_V1_BatchExecuteRequest,
        on executor: ScriptedExecutor = ScriptedExecutor(),
        to answers: Answers
    ) async throws {
        try await BatchExecution(executor).run(
            batch, metadata: CallMetadata([:]), to: RPCWriter(wrapping: answers))
    }

    @Test
    func sequentialOnesAreAnsweredInOrder() async throws {
        let answers = Answers()
        try await run(batch((0..<50).map(String.init), parallel: false), to: answers)
        #expect(answers.elements.map(\.index) == Array(0..<50))
        #expect(answers.elements.map(\.result.operation) == (0..<50).map(String.init))
    }

    @Test
    func parallelOnesAreAnsweredAsTheyFinish() async throws {
        let answers = Answers()
        let second = Gate()
        let executor = ScriptedExecutor { request, _ in
            if request.operation == "first" { await second.wait() } else { second.open() }
            return .answering(request)
        }
        try await run(batch(["first", "second"], parallel: true), on: executor, to: answers)
        #expect(answers.elements.map(\.index).sorted() == [0, 1])
    }

    @Test
    func atMost32RunAtOnce() async throws {
        let answers = Answers()
        let running = Mutex((now: 0, most: 0))
        let full = Gate()
        let executor = ScriptedExecutor { request, _ in
            let isFull = running.withLock { running in
                running.now += 1
                running.most = max(running.most, running.now)
                return running.now == BatchExecution.maxConcurrent
            }
            if isFull { full.open() }
            // Nobody ends before as many as may run at once do.
            await full.wait()
            running.withLock { $0.now -= 1 }
            return .answering(request)
        }
        try await run(batch((0..<200).map(String.init), parallel: true), on: executor, to: answers)
        #expect(running.withLock { $0.most } == 32)
        #expect(Set(answers.elements.map(\.index)) == Set(0..<200))
    }

    @Test(arguments: [true, false])
    func aFailureIsAnsweredInItsPlaceAndEndsNoOther(parallel: Bool) async throws {
        let answers = Answers()
        let executor = ScriptedExecutor { request, _ in
            if request.operation == "bad" { throw RPCError(code: .notFound, message: "none") }
            return .answering(request)
        }
        try await run(
            batch(["good", "bad", "good"], parallel: parallel), on: executor, to: answers)
        let byIndex = answers.elements.sorted { $0.index < $1.index }
        #expect(byIndex.map { $0.error.code } == [.unspecified, .notFound, .unspecified])
    }

    @Test
    func theSessionOfTheBatchAppliesWhereARequestNamesNone() async throws {
        let answers = Answers()
        var batch = batch(["a", "b"], parallel: false, session: "outer")
        batch.requests[1].sessionID = "own"
        try await run(batch, to: answers)
        #expect(answers.elements.map(\.result.resultJson) == ["outer", "own"])
    }

    @Test
    func tooManyAreRefused() async throws {
        let answers = Answers()
        let error = await #expect(throws: RPCError.self) {
            try await run(batch(Array(repeating: "x", count: 1001), parallel: true), to: answers)
        }
        #expect(error?.code == .invalidArgument)
        #expect(answers.elements.isEmpty)
    }

    @Test
    func cancellingTheBatchCancelsItsCalls() async throws {
        let started = Gate()
        let executor = ScriptedExecutor { request, _ in
            started.open()
            try await untilCancelled()
            return .answering(request)
        }
        let batch = batch(["a"], parallel: true)
        let task = Task {
            try await BatchExecution(executor).run(
                batch, metadata: CallMetadata([:]), to: RPCWriter(wrapping: Answers()))
        }
        await started.wait()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
