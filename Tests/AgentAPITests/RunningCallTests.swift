import AgentAPI
import GRPCCore
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct RunningCallTests {
    private let reason = RPCError(code: .aborted, message: "because")

    @Test
    func returnsWhatTheBodyReturns() async throws {
        #expect(try await RunningCall().run { 7 } == 7)
    }

    @Test
    func throwsWhatTheBodyThrows() async throws {
        let error = await #expect(throws: RPCError.self) {
            try await RunningCall().run { throw reason }
        }
        #expect(error == reason)
    }

    @Test
    func endsWithTheFirstReasonOnceTheBodyIsOver() async throws {
        let call = RunningCall()
        let started = Gate()
        let cleanUp = Gate()
        let isOver = Mutex(false)
        let outcome = Task {
            try await call.run {
                started.open()
                do {
                    try await untilCancelled()
                } catch {
                    await cleanUp.wait()
                    isOver.withLock { $0 = true }
                }
            }
        }
        await started.wait()
        call.end(reason)
        call.end(RPCError(code: .unknown, message: "too late"))
        cleanUp.open()
        let error = await #expect(throws: RPCError.self) { try await outcome.value }
        #expect(error == reason)
        #expect(isOver.withLock { $0 })
    }

    @Test
    func aCallThatWasEndedBeforeItRanIsCancelledAtOnce() async throws {
        let call = RunningCall()
        call.end(reason)
        let error = await #expect(throws: RPCError.self) {
            try await call.run { try await untilCancelled() }
        }
        #expect(error == reason)
    }

    @Test
    func theTimeLimitIsADeadlineExceeded() async throws {
        let error = await #expect(throws: RPCError.self) {
            try await RunningCall().run(timeLimit: .milliseconds(1)) { try await untilCancelled() }
        }
        #expect(error?.code == .deadlineExceeded)
    }

    @Test
    func aCancelledTaskCancelsTheBody() async throws {
        let started = Gate()
        let task = Task {
            try await RunningCall().run {
                started.open()
                try await untilCancelled()
            }
        }
        await started.wait()
        task.cancel()
        let error = await #expect(throws: RPCError.self) { try await task.value }
        #expect(error?.code == .cancelled)
    }

    @Test(
        arguments: [(nil, RPCError.Code.cancelled), (.now, .deadlineExceeded)]
            as [(ContinuousClock.Instant?, RPCError.Code)])
    func aCancelledRPCCancelsTheBody(
        deadline: ContinuousClock.Instant?, code: RPCError.Code
    ) async throws {
        let error = await #expect(throws: RPCError.self) {
            try await withServerContextRPCCancellationHandle { handle in
                try await RunningCall().run(deadline: deadline) {
                    handle.cancel()
                    try await untilCancelled()
                }
            }
        }
        #expect(error?.code == code)
    }
}
