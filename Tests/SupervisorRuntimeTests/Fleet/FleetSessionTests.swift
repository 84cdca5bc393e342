import AgentAPI
import AgentManifest
import GRPCCore
import Supervision
import TestSupport
import Testing

@testable import SupervisorRuntime

@Suite(.timeLimit(.minutes(1)))
struct FleetSessionTests {
    private let id: Supervision.SessionID

    init() throws { id = try makeSessionID("chat-1") }

    private func start(
        _ subject: FleetUnderTest, client: String = "op-chat", prewarm: [String] = []
    ) async throws {
        try await subject.fleet.startSession(id, client: client, metadata: [:], prewarm: prewarm)
    }

    @Test func aSessionStartsWhatRunsOnConnection() async throws {
        let subject = try FleetUnderTest(alwaysOn: ["memory"], start: .connection)
        defer { subject.stop() }
        try await subject.start()
        #expect(subject.spawner.deeds.isEmpty)
        async let isStarted: Void = start(subject)
        await subject.sayReady(try await subject.pid(of: "memory"))
        try await isStarted
        #expect(subject.states(of: "memory") == [.starting, .serving])
    }

    @Test func aSessionKeepsWhatItPrewarmsUntilItEnds() async throws {
        let subject = try FleetUnderTest(onDemand: ["mem0"])
        defer { subject.stop() }
        try await subject.start()
        try await start(subject, prewarm: ["mem0"])
        await subject.sayReady(try await subject.pid(of: "mem0"))
        try await subject.wait(for: .serving, of: "mem0")
        await subject.clock.advance(by: .seconds(600))
        #expect(subject.states(of: "mem0") == [.starting, .serving])
        _ = try await subject.fleet.endSession(id)
        await subject.clock.advance(by: .seconds(60))
        #expect(subject.spawner.deeds.last == .terminated(pid: 1001))
    }

    @Test func whatAClientUsedIsStartedAheadOfItsNextSession() async throws {
        let subject = try FleetUnderTest(onDemand: ["mem0"])
        defer { subject.stop() }
        try await subject.start()
        try await start(subject)
        async let call: Void = subject.fleet.call("mem0", session: id.rawValue) { _ in }
        await subject.sayReady(try await subject.pid(of: "mem0"))
        try await call
        _ = try await subject.fleet.endSession(id)
        await subject.clock.advance(by: .seconds(60))
        await subject.spawner.end(1001, .exited(code: 0))
        try await start(subject, client: "op-web")
        #expect(try await subject.fleet.snapshot(of: "mem0").state == .stopped)
        let other = try makeSessionID("chat-2")
        try await subject.fleet.startSession(
            other, client: "op-chat", metadata: [:], prewarm: [])
        #expect(subject.spawner.deeds.last == .started(agent: "mem0", pid: 1002))
    }

    @Test func anUnknownAgentToPrewarmIsNotFoundAndStartsNoSession() async throws {
        let subject = try FleetUnderTest(onDemand: ["mem0"])
        defer { subject.stop() }
        try await subject.start()
        let error = await #expect(throws: RPCError.self) {
            try await start(subject, prewarm: ["nobody"])
        }
        #expect(error?.code == .notFound)
        #expect(await subject.fleet.sessionCount == 0)
    }

    @Test func theEndOfASessionCancelsItsCalls() async throws {
        let subject = try FleetUnderTest()
        defer { subject.stop() }
        try await subject.start()
        try await start(subject)
        let sessions = FleetSessions(subject.fleet)
        let (begun, begin) = AsyncStream<Void>.makeStream()
        let name = id.rawValue
        let call = Task {
            try await sessions.run(RunningCall(executor: subject.loop), in: name) {
                begin.yield()
                await Cancellation.wait()
            }
        }
        for await _ in begun { break }
        #expect(try await subject.fleet.endSession(id) == 1)
        let error = await #expect(throws: RPCError.self) { try await call.value }
        #expect(error?.code == .cancelled)
        let unknown = await #expect(throws: RPCError.self) {
            try await sessions.run(RunningCall(), in: name) {}
        }
        #expect(unknown?.code == .notFound)
    }

    @Test func aLeaseThatIsNotRenewedEndsTheSession() async throws {
        let subject = try FleetUnderTest()
        defer { subject.stop() }
        try await subject.start()
        try await start(subject)
        let hold = RunningCall(executor: subject.loop)
        _ = try await subject.fleet.hold(id, agent: "memory", by: hold)
        await subject.clock.advance(by: .seconds(899))
        try await subject.fleet.update(id, by: hold, streamsOpened: 0, streamsEnded: 0)
        await subject.clock.advance(by: .seconds(899))
        #expect(await subject.fleet.sessionCount == 1)
        await subject.clock.advance(by: .seconds(1))
        #expect(await subject.fleet.sessionCount == 0)
    }

    @Test func whoHoldsASessionIsToldItsEnd() async throws {
        let subject = try FleetUnderTest(onDemand: ["mem0"])
        defer { subject.stop() }
        try await subject.start()
        try await start(subject)
        let hold = RunningCall(executor: subject.loop)
        let client = try await subject.fleet.hold(id, agent: "mem0", by: hold)
        #expect(client == "op-chat")
        #expect(try await subject.pid(of: "mem0") == 1001)
        let holding = Task {
            defer { subject.fleet.later { $0.release(hold) } }
            try await hold.run { await Cancellation.wait() }
        }
        // Returns only when the holder was told.
        _ = try await subject.fleet.endSession(id)
        let error = await #expect(throws: RPCError.self) { try await holding.value }
        #expect(error?.cause is SessionRegistry.Ended)
    }

    /// What an agent says of the streams at its port, in order, and how long the session lasts then.
    @Test(
        arguments: [
            (said: [(1, 0)], lasts: 900), (said: [(1, 0), (1, 1)], lasts: 30),
            (said: [(1, 0), (2, 1)], lasts: 900), (said: [(1, 1)], lasts: 30),
            (said: [(1, 1), (1, 1)], lasts: 900), (said: [(2, 1), (3, 3), (4, 3)], lasts: 900),
            (said: [(0, 1), (0, 0)], lasts: 900),
        ] as [(said: [(UInt32, UInt32)], lasts: Int)])
    func theEndOfAStreamAtAnAgentsPortBeginsTheGrace(
        said: [(UInt32, UInt32)], lasts seconds: Int
    ) async throws {
        let subject = try FleetUnderTest()
        defer { subject.stop() }
        try await subject.start()
        try await start(subject)
        let hold = RunningCall(executor: subject.loop)
        _ = try await subject.fleet.hold(id, agent: "memory", by: hold)
        for (opened, ended) in said {
            try await subject.fleet.update(
                id, by: hold, streamsOpened: opened, streamsEnded: ended)
        }
        await subject.clock.advance(by: .seconds(seconds - 1))
        #expect(await subject.fleet.sessionCount == 1)
        await subject.clock.advance(by: .seconds(1))
        #expect(await subject.fleet.sessionCount == 0)
    }

    @Test func theEndOfAnAgentEndsTheStreamsAtItsPort() async throws {
        let subject = try FleetUnderTest()
        defer { subject.stop() }
        try await subject.start()
        try await start(subject)
        let hold = RunningCall(executor: subject.loop)
        _ = try await subject.fleet.hold(id, agent: "memory", by: hold)
        try await subject.fleet.update(id, by: hold, streamsOpened: 1, streamsEnded: 0)
        await subject.fleet.release(hold)
        await subject.clock.advance(by: .seconds(30))
        #expect(await subject.fleet.sessionCount == 0)
    }

    @Test func aStartSavesItsOwnSessionOnly() async throws {
        let subject = try FleetUnderTest()
        defer { subject.stop() }
        try await subject.start()
        try await start(subject)
        await subject.clock.advance(by: .seconds(1))
        let other = try makeSessionID("chat-2")
        try await subject.fleet.startSession(other, client: "", metadata: [:], prewarm: [])
        #expect(subject.store.changes.last?.sessions.map(\.id) == [other])
        #expect(Set(subject.store.loadSessions().map(\.id)) == [id, other])
    }

    @Test func sessionsThatExpireTogetherAreForgottenTogether() async throws {
        let subject = try FleetUnderTest()
        defer { subject.stop() }
        try await subject.start()
        try await start(subject)
        let other = try makeSessionID("chat-2")
        try await subject.fleet.startSession(other, client: "", metadata: [:], prewarm: [])
        await subject.clock.advance(by: .seconds(900))
        let ends = subject.store.changes.map(\.ended).filter { !$0.isEmpty }
        #expect(ends.map(Set.init) == [[id, other]])
        #expect(subject.store.loadSessions().isEmpty)
    }

    @Test func sessionsSurviveTheSupervisor() async throws {
        let store = MemorySessionStore()
        let first = try FleetUnderTest(onDemand: ["mem0"], store: store)
        defer { first.stop() }
        try await first.start()
        try await start(first, prewarm: ["mem0"])

        let second = try FleetUnderTest(onDemand: ["mem0"], store: store)
        defer { second.stop() }
        try await second.start()
        #expect(await second.fleet.sessionList.map(\.session.id) == [id])
        // What was learned and kept is taken up too, once it was saved.
        await first.clock.advance(by: .seconds(1))
        let third = try FleetUnderTest(onDemand: ["mem0"], store: store)
        defer { third.stop() }
        try await third.start()
        #expect(try await third.pid(of: "mem0") == 1001)
    }
}
