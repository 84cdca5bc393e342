import AgentAPI
import AgentManifest
import Supervision
import Synchronization
import TestSupport
import Testing

@testable import SupervisorRuntime

@Suite(.timeLimit(.minutes(1)))
struct FleetStatusTests {
    @Test func aStartNamesWhomItWaitsFor() async throws {
        let subject = try FleetUnderTest(alwaysOn: ["memory", "echo"], onDemand: ["mem0"])
        defer { subject.stop() }
        try await subject.start()
        #expect(
            await subject.fleet.statusLine
                == "starts: waits for memory (starting), echo (starting)")
        async let isWarm: Void = subject.fleet.waitUntilWarm()
        await subject.sayReady(try await subject.pid(of: "memory"))
        try await subject.wait(for: .serving, of: "memory")
        #expect(await subject.fleet.statusLine == "starts: waits for echo (starting)")
        await subject.sayReady(try await subject.pid(of: "echo"))
        await isWarm
        #expect(await subject.fleet.statusLine == "2 serving, 0 down, 0 sessions")
    }

    @Test func whoIsDownIsNamed() async throws {
        let subject = try await servingFleet()
        defer { subject.stop() }
        await subject.spawner.end(1001, .exited(code: 1))
        #expect(
            await subject.fleet.statusLine
                == "1 serving, 1 down, 0 sessions; memory is backing off")
    }

    @Test func anAgentThatAnOperatorStoppedIsDown() async throws {
        let subject = try await servingFleet()
        defer { subject.stop() }
        async let stopped = subject.fleet.stopAgent("echo")
        await subject.spawner.waitForDeeds(3)
        await subject.spawner.end(1002, .exited(code: 0))
        _ = try await stopped
        #expect(
            await subject.fleet.statusLine == "1 serving, 1 down, 0 sessions; echo is stopped")
    }

    @Test func sessionsAreToldAsTheyComeAndGo() async throws {
        let subject = try FleetUnderTest()
        defer { subject.stop() }
        let told = Mutex<[String]>([])
        let fleet = subject.fleet
        try await fleet.start {
            told.withLock { $0.append(fleet.assumeIsolated { $0.statusLine }) }
        }
        let id = try makeSessionID("chat-1")
        try await fleet.startSession(id, client: "op-chat", metadata: [:], prewarm: [])
        _ = try await fleet.endSession(id)
        #expect(
            told.withLock { $0 } == [
                "0 serving, 0 down, 1 session", "0 serving, 0 down, 0 sessions",
            ])
    }

    /// A fleet whose two always-on agents, 1001 and 1002, serve; its third is on demand.
    private func servingFleet() async throws -> FleetUnderTest {
        let subject = try FleetUnderTest(alwaysOn: ["memory", "echo"], onDemand: ["mem0"])
        try await subject.startAndServe()
        await subject.fleet.waitUntilWarm()
        return subject
    }
}
