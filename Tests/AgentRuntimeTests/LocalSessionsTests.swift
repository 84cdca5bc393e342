import AgentAPI
import AgentRuntime
import GRPCCore
import Synchronization
import Testing

struct LocalSessionsTests {
    private final class Clock: Sendable {
        private let time = Mutex(ContinuousClock.now)
        var now: ContinuousClock.Instant { time.withLock { $0 } }
        func advance(by duration: Duration) { time.withLock { $0 += duration } }
    }

    private let clock: Clock
    private let sessions: LocalSessions

    init() {
        let clock = Clock()
        self.clock = clock
        sessions = LocalSessions { clock.now }
    }

    private func code(_ body: () async throws -> Void) async -> RPCError.Code? {
        do { try await body() } catch { return (error as? RPCError)?.code }
        return nil
    }

    @Test
    func startingTwiceIsStartingOnce() async throws {
        #expect(try sessions.start("s") == "s")
        #expect(try sessions.start("s") == "s")
        #expect(try sessions.end("s") == 0)
        #expect(await code { try await sessions.renew("s") } == .notFound)
    }

    @Test
    func oneThatNamesNoIDIsGivenOne() async throws {
        let id = try sessions.start("")
        try SessionID.check(id)
        try await sessions.renew(id)
    }

    @Test
    func endingAnEndedOneIsFineAndAnUnknownOneNotFound() async throws {
        _ = try sessions.start("s")
        try sessions.end("s")
        #expect(try sessions.end("s") == 0)
        #expect(await code { try sessions.end("never") } == .notFound)
    }

    @Test
    func anEndedOneCanBeStartedAgain() async throws {
        _ = try sessions.start("s")
        try sessions.end("s")
        _ = try sessions.start("s")
        try await sessions.renew("s")
    }

    @Test
    func aBadIDIsRefused() async {
        #expect(await code { _ = try sessions.start("a b") } == .invalidArgument)
    }

    @Test
    func onlyCallsAreCountedAtTheEnd() async throws {
        _ = try sessions.start("s")
        for call in [RunningCall(), RunningCall(), RunningCall(isContainer: true)] {
            try await sessions.register(call, in: "s")
        }
        let finished = RunningCall()
        try await sessions.register(finished, in: "s")
        sessions.unregister(finished, from: "s")
        #expect(try sessions.end("s") == 2)
    }

    @Test
    func anIdleOneGoesWithItsLeaseWhenAnotherIsStarted() async throws {
        _ = try sessions.start("idle")
        _ = try sessions.start("busy")
        try await sessions.register(RunningCall(), in: "busy")
        clock.advance(by: LocalSessions.lease + .seconds(1))
        _ = try sessions.start("new")
        #expect(await code { try await sessions.renew("idle") } == .notFound)
        try await sessions.renew("busy")
        // It did exist, so ending it again is no error.
        #expect(try sessions.end("idle") == 0)
    }

    @Test
    func thereIsALimit() async throws {
        for number in 0..<LocalSessions.maxSessions { _ = try sessions.start("s\(number)") }
        #expect(await code { _ = try sessions.start("more") } == .resourceExhausted)
        #expect(try sessions.start("s0") == "s0")
    }
}
