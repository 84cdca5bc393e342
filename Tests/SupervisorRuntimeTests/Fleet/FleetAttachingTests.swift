import AgentManifest
import GRPCCore
import LinuxIO
import Supervision
import TestSupport
import Testing

@testable import SupervisorRuntime

@Suite(.timeLimit(.minutes(1)))
struct FleetAttachingTests {
    /// Its own port is free, and nobody listens on it.
    private static let freePort: UInt16 = 1

    /// Attaches an agent that serves, whose instance ends when it is asked to.
    private func attach(
        _ id: AgentID, of subject: FleetUnderTest, at port: UInt16? = nil
    ) async throws -> AgentSnapshot {
        let pid = try await subject.pid(of: id)
        async let attached = subject.fleet.attachAgent(id.rawValue, at: port)
        try await subject.wait(for: .draining, of: id)
        await subject.spawner.end(pid, .exited(code: 0))
        return try await attached
    }

    @Test func aPassedPortCannotBeFreed() async throws {
        let subject = try FleetUnderTest(alwaysOn: ["memory"])
        defer { subject.stop() }
        try await subject.startAndServe()
        let error = await #expect(throws: RPCError.self) {
            try await subject.fleet.attachAgent("memory", at: nil)
        }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains("--port") == true)
        #expect(try await subject.fleet.snapshot(of: "memory").state.kind == .serving)

        let attached = try await attach("memory", of: subject, at: Self.freePort)
        #expect(attached.state.kind == .external)
        #expect(attached.address.port == Self.freePort)
    }

    @Test func itIsProbedWhereItIsRun() async throws {
        let subject = try FleetUnderTest(alwaysOn: ["memory"])
        defer { subject.stop() }
        try await subject.startAndServe()
        _ = try await attach("memory", of: subject, at: Self.freePort)
        try await subject.fleet.settle("memory") { agent in
            agent.machine.state == .external(isServing: true) ? .success(()) : nil
        }
        #expect(subject.health.addresses.last == .loopback(port: Self.freePort))
    }

    @Test func detachingBringsBackWhatAlwaysRuns() async throws {
        let subject = try FleetUnderTest(alwaysOn: ["memory"], passesSockets: false)
        defer { subject.stop() }
        try await subject.startAndServe()
        let before = try await subject.pid(of: "memory")
        _ = try await attach("memory", of: subject)
        async let detached = subject.fleet.detachAgent("memory")
        let after = try await subject.pid(of: "memory")
        await subject.sayReady(after)
        #expect(try await detached.state.kind == .serving)
        #expect(before != after)
    }

    @Test func detachingLeavesAnOnDemandAgentToItsFirstCall() async throws {
        let subject = try FleetUnderTest(onDemand: ["mem0"], passesSockets: false)
        defer { subject.stop() }
        try await subject.start()
        _ = try await subject.fleet.attachAgent("mem0", at: nil)
        #expect(try await subject.fleet.detachAgent("mem0").state == .stopped)
    }

    @Test func whatIsNotRunByHandNeedNotBeTakenBack() async throws {
        let subject = try FleetUnderTest(alwaysOn: ["memory"])
        defer { subject.stop() }
        try await subject.startAndServe()
        #expect(try await subject.fleet.detachAgent("memory").state.kind == .serving)
    }
}
