import AgentAPI
import AgentRuntime
import GRPCCore
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SupervisedSessionsTests {
    /// A supervisor that knows the sessions whose ids begin with "s".
    private final class Supervisor: SessionHolding {
        enum Ending { case session, connection }

        private let holds = Mutex<(count: Int, endings: [AsyncStream<Ending>.Continuation])>(
            (0, []))
        let updates = AsyncStream<SessionStreams>.makeStream()

        var holdCount: Int { holds.withLock { $0.count } }

        func end(_ ending: Ending) {
            for continuation in holds.withLock({ $0.endings }) { continuation.yield(ending) }
        }

        func hold(
            _ sessionID: String, updates: AsyncStream<SessionStreams>,
            onHeld: @escaping @Sendable () -> Void
        ) async throws {
            let (endings, continuation) = AsyncStream<Ending>.makeStream()
            holds.withLock { holds in
                holds.count += 1
                holds.endings.append(continuation)
            }
            guard sessionID.hasPrefix("s") else { throw RPCError.unknownSession(sessionID) }
            onHeld()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await update in updates { self.updates.continuation.yield(update) }
                }
                let ending = await endings.first { _ in true }
                group.cancelAll()
                if ending == .connection {
                    throw RPCError(code: .unavailable, message: "gone")
                }
            }
        }
    }

    private let supervisor = Supervisor()
    private let sessions: SupervisedSessions

    init() {
        sessions = SupervisedSessions(supervisor)
    }

    @Test
    func theSupervisorIsAskedOnce() async throws {
        try await withThrowingTaskGroup(of: Void.self) { [sessions] group in
            for _ in 0..<100 {
                group.addTask { try await sessions.register(RunningCall(), in: "s") }
            }
            try await group.waitForAll()
        }
        #expect(supervisor.holdCount == 1)
    }

    @Test
    func anUnknownOneIsAskedForEachTime() async throws {
        for count in 1...2 {
            let error = await #expect(throws: RPCError.self) { try await sessions.renew("unknown") }
            #expect(error?.code == .notFound)
            #expect(supervisor.holdCount == count)
        }
    }

    @Test
    func aBadIDIsNotEvenAskedFor() async throws {
        let error = await #expect(throws: RPCError.self) { try await sessions.renew("s s") }
        #expect(error?.code == .invalidArgument)
        #expect(supervisor.holdCount == 0)
    }

    @Test
    func theEndOfTheSessionEndsItsCalls() async throws {
        let started = Gate()
        let call = Task { [sessions] in
            try await sessions.run(RunningCall(), in: "s") {
                started.open()
                try await untilCancelled()
            }
        }
        await started.wait()
        supervisor.end(.session)
        let error = await #expect(throws: RPCError.self) { try await call.value }
        #expect(error == RPCError.sessionEnded("s"))
    }

    @Test
    func aLostSupervisorEndsNoCallAndIsAskedAgain() async throws {
        let mayEnd = Gate()
        let started = Gate()
        let call = Task { [sessions] in
            try await sessions.run(RunningCall(), in: "s") {
                started.open()
                await mayEnd.wait()
                try Task.checkCancellation()
            }
        }
        await started.wait()
        supervisor.end(.connection)
        while supervisor.holdCount < 2 {
            try await sessions.renew("s")
            await Task.yield()
        }
        mayEnd.open()
        try await call.value
    }

    @Test
    func theLeaseIsRenewedWhileACallRuns() async throws {
        let sessions = SupervisedSessions(supervisor, renewalInterval: .milliseconds(1))
        try await sessions.register(RunningCall(), in: "s")
        var updates = supervisor.updates.stream.makeAsyncIterator()
        for _ in 0..<3 { #expect(await updates.next() == SessionStreams()) }
    }

    @Test
    func theSupervisorIsToldOfStreamsThatOpenAndEnd() async throws {
        var updates = supervisor.updates.stream.makeAsyncIterator()
        let stream = RunningCall()
        try await sessions.register(stream, in: "s")
        sessions.conversationBegan(in: "s")
        #expect(await updates.next() == streams(opened: 1, ended: 0))
        sessions.unregister(stream, from: "s")
        sessions.conversationEnded(in: "s")
        #expect(await updates.next() == streams(opened: 1, ended: 1))
    }

    @Test
    func anotherSupervisorIsToldOfTheStreamsThatAreStillOpen() async throws {
        var updates = supervisor.updates.stream.makeAsyncIterator()
        for _ in 1...3 {
            try await sessions.register(RunningCall(), in: "s")
            sessions.conversationBegan(in: "s")
        }
        while await updates.next() != streams(opened: 3, ended: 0) {}
        sessions.conversationEnded(in: "s")
        #expect(await updates.next() == streams(opened: 3, ended: 1))
        supervisor.end(.connection)
        while supervisor.holdCount < 2 {
            try await sessions.renew("s")
            await Task.yield()
        }
        #expect(await updates.next() == streams(opened: 2, ended: 0))
    }

    private func streams(opened: Int, ended: Int) -> SessionStreams {
        var streams = SessionStreams()
        streams.opened = opened
        streams.ended = ended
        return streams
    }

    @Test
    func aCallThatIsCancelledWhileTheSupervisorIsAskedIsOver() async throws {
        struct Silent: SessionHolding {
            let asked: Gate
            func hold(
                _ sessionID: String, updates: AsyncStream<SessionStreams>,
                onHeld: @escaping @Sendable () -> Void
            ) async throws {
                asked.open()
                try await untilCancelled()
            }
        }
        let asked = Gate()
        let sessions = SupervisedSessions(Silent(asked: asked))
        let call = RunningCall()
        let outcome = Task { try await sessions.run(call, in: "s") {} }
        await asked.wait()
        call.end(RPCError(code: .cancelled, message: "enough"))
        let error = await #expect(throws: RPCError.self) { try await outcome.value }
        #expect(error?.message == "enough")
    }
}
