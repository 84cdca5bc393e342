import AgentManifest
import Glibc
import GRPCCore
import LinuxIO
import Supervision
import TestSupport
import Testing

@testable import SupervisorRuntime

@Suite(.timeLimit(.minutes(1)))
struct FleetTests {
    @Test func alwaysOnAgentsStartInOrderAndOthersDoNot() async throws {
        let subject = try FleetUnderTest(alwaysOn: ["memory", "echo"], onDemand: ["mem0"])
        defer { subject.stop() }
        try await subject.startAndServe()
        #expect(
            subject.spawner.deeds == [
                .started(agent: "memory", pid: 1001), .started(agent: "echo", pid: 1002),
            ])
        #expect(await subject.fleet.statusLine == "2 serving, 0 down, 0 sessions")
    }

    @Test func agentsThatAllStartDoSoAFewAtATime() async throws {
        let most = Fleet.startsAtOnce
        let ids = (0...most).compactMap { AgentID(rawValue: "agent_\($0)") }
        let subject = try FleetUnderTest(alwaysOn: ids)
        defer { subject.stop() }
        try await subject.start()
        #expect(subject.spawner.deeds.count == most)
        let next = try #require(ids.last)
        #expect(subject.states(of: next).isEmpty)
        await subject.sayReady(try await subject.pid(of: ids[0]))
        try await subject.wait(for: .starting, of: next)
        await subject.sayReady(try await subject.pid(of: next))
        try await subject.wait(for: .serving, of: next)
    }

    @Test func itIsWarmWhenEveryAlwaysOnAgentServes() async throws {
        let subject = try FleetUnderTest(alwaysOn: ["memory"])
        defer { subject.stop() }
        try await subject.start()
        async let isWarm: Void = subject.fleet.waitUntilWarm()
        await subject.sayReady(try await subject.pid(of: "memory"))
        await isWarm
        #expect(subject.states(of: "memory") == [.starting, .serving])
    }

    @Test func itIsNotHeldUpByAnAgentThatFailsAgainAndAgain() async throws {
        let subject = try FleetUnderTest(alwaysOn: ["memory"])
        defer { subject.stop() }
        subject.spawner.refuse("cannot start /bin/true: it is not there; install it")
        try await subject.start()
        async let isWarm: Void = subject.fleet.waitUntilWarm()
        for _ in 1...5 { await subject.clock.advance(by: .seconds(1)) }
        await isWarm
        #expect(subject.states(of: "memory").contains(.backingOff))
    }

    @Test func readyOfAStrangerIsIgnored() async throws {
        let subject = try FleetUnderTest(alwaysOn: ["memory"])
        defer { subject.stop() }
        try await subject.start()
        await subject.sayReady(4)
        await subject.clock.advance(by: .seconds(9))
        #expect(subject.states(of: "memory") == [.starting])
    }

    @Test func aCrashedAgentIsReplacedAfterItsBackoff() async throws {
        let subject = try FleetUnderTest(alwaysOn: ["memory"])
        defer { subject.stop() }
        try await subject.startAndServe()
        await subject.spawner.end(1001, .signaled(SIGKILL))
        try await subject.wait(for: .backingOff, of: "memory")
        await subject.clock.advance(by: .milliseconds(120))
        #expect(try await subject.pid(of: "memory") == 1002)
        await subject.sayReady(1002)
        try await subject.wait(for: .serving, of: "memory")
        #expect(
            subject.states(of: "memory") == [.starting, .serving, .backingOff, .starting, .serving])
    }

    @Test func anAgentThatTakesNoConnectionsIsNotWell() async throws {
        let subject = try FleetUnderTest(alwaysOn: ["memory"])
        defer { subject.stop() }
        try await subject.startAndServe()
        subject.health.setForNewConnections(.failed(.unanswered("no answer")))
        for _ in 1...5 { await subject.clock.advance(by: .seconds(5)) }
        #expect(subject.states(of: "memory").last == .serving, "nobody wants to connect")

        let address = try await subject.fleet.snapshot(of: "memory").address
        let connection = try Socket.connect(to: address)
        while subject.states(of: "memory").last != .draining {
            await subject.clock.advance(by: .seconds(5))
        }
        #expect(subject.spawner.deeds.last == .killed(pid: 1001))
        _ = consume connection
    }

    @Test func crashLoopIsShownAsDegradedAndItsPortRefuses() async throws {
        let subject = try FleetUnderTest(alwaysOn: ["memory"])
        defer { subject.stop() }
        subject.spawner.refuse("cannot start /bin/true: it is not there; install it")
        try await subject.start()
        for _ in 1...6 { await subject.clock.advance(by: .seconds(2)) }
        try await subject.wait(for: .degraded, of: "memory")
        let agent = try await subject.fleet.snapshot(of: "memory")
        await waitUntilRefused(agent.address)
        let error = await #expect(throws: RPCError.self) {
            try await subject.fleet.call("memory", session: "") { _ in }
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("it is not there") == true)

        subject.spawner.refuse(nil)
        while try await subject.fleet.snapshot(of: "memory").state.kind == .degraded {
            await subject.clock.advance(by: .seconds(1))
        }
        #expect(answers(agent.address))
        await subject.sayReady(try await subject.pid(of: "memory"))
        try await subject.wait(for: .serving, of: "memory")
    }

    @Test func stopTerminatesThenKillsAndWaits() async throws {
        let subject = try FleetUnderTest(alwaysOn: ["memory"])
        defer { subject.stop() }
        try await subject.startAndServe()
        async let isStopped: Void = subject.fleet.stop()
        await subject.spawner.waitForDeeds(2)
        #expect(await subject.fleet.shutdownProgress.contains("memory"))
        await subject.clock.advance(by: .seconds(10))
        await subject.spawner.end(1001, .signaled(SIGKILL))
        await isStopped
        #expect(
            subject.spawner.deeds == [
                .started(agent: "memory", pid: 1001), .terminated(pid: 1001), .killed(pid: 1001),
            ])
        let error = await #expect(throws: RPCError.self) {
            try await subject.fleet.call("memory", session: "") { _ in }
        }
        #expect(error?.code == .unavailable)
    }

    // MARK: By name

    @Test func startSaysWhyItFailed() async throws {
        let subject = try FleetUnderTest(onDemand: ["echo"])
        defer { subject.stop() }
        try await subject.start()
        subject.spawner.refuse("cannot start /bin/true: it is not there; install it")
        let error = await #expect(throws: RPCError.self) {
            try await subject.fleet.startAgent("echo")
        }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains("it is not there; install it") == true)
    }

    @Test func anAgentThatWasStoppedFailsCallsUntilItIsStarted() async throws {
        let subject = try FleetUnderTest(alwaysOn: ["memory"])
        defer { subject.stop() }
        try await subject.startAndServe()
        async let stopped = subject.fleet.stopAgent("memory")
        await subject.spawner.waitForDeeds(2)
        await subject.spawner.end(1001, .exited(code: 0))
        #expect(try await stopped.state == .stopped)
        let error = await #expect(throws: RPCError.self) {
            try await subject.fleet.call("memory", session: "") { _ in }
        }
        #expect(error?.message.contains("op-agents start memory") == true)

        async let started = subject.fleet.startAgent("memory")
        await subject.sayReady(try await subject.pid(of: "memory"))
        #expect(try await started.state.kind == .serving)
    }

    @Test func restartReplacesTheProcess() async throws {
        let subject = try FleetUnderTest(alwaysOn: ["memory"])
        defer { subject.stop() }
        try await subject.startAndServe()
        async let restarted = subject.fleet.restartAgent("memory")
        await subject.spawner.waitForDeeds(2)
        await subject.spawner.end(1001, .exited(code: 0))
        await subject.spawner.waitForDeeds(3)
        await subject.sayReady(1002)
        #expect(try await restarted.pid == 1002)
        #expect(try await restarted.failureCount == 0)
    }

    @Test(arguments: ["nobody", "", "No Name"])
    func anUnknownAgentIsNamedWithThoseThatThereAre(name: String) async throws {
        let subject = try FleetUnderTest(alwaysOn: ["memory"])
        defer { subject.stop() }
        try await subject.start()
        let error = await #expect(throws: RPCError.self) {
            try await subject.fleet.snapshot(of: name)
        }
        #expect(error?.code == (name.isEmpty ? .invalidArgument : .notFound))
        #expect(error?.message.contains("memory") == true)
    }

    // MARK: On demand

    @Test func aCallStartsAnAgentAndIdlenessEndsIt() async throws {
        let subject = try FleetUnderTest(onDemand: ["echo"])
        defer { subject.stop() }
        try await subject.start()
        async let answer = subject.fleet.call("echo", session: "") { _ in "answer" }
        await subject.sayReady(try await subject.pid(of: "echo"))
        #expect(try await answer == "answer")
        await subject.clock.advance(by: .seconds(59))
        #expect(subject.states(of: "echo") == [.starting, .serving])
        await subject.clock.advance(by: .seconds(1))
        #expect(subject.spawner.deeds.last == .terminated(pid: 1001))
    }

    @Test func aCallThatRunsKeepsItsAgent() async throws {
        let subject = try FleetUnderTest(onDemand: ["echo"])
        defer { subject.stop() }
        try await subject.start()
        async let answer = subject.fleet.call("echo", session: "") { _ in
            for _ in 1...10 { await subject.clock.advance(by: .seconds(60)) }
            return subject.states(of: "echo")
        }
        await subject.sayReady(try await subject.pid(of: "echo"))
        #expect(try await answer == [.starting, .serving])
    }

    @Test func aCancelledCallStopsWaitingForItsAgent() async throws {
        let subject = try FleetUnderTest(onDemand: ["echo"])
        defer { subject.stop() }
        try await subject.start()
        let call = Task { try await subject.fleet.call("echo", session: "") { _ in } }
        _ = try await subject.pid(of: "echo")
        call.cancel()
        let error = await #expect(throws: RPCError.self) { try await call.value }
        #expect(error?.code == .cancelled)
        #expect(try await subject.fleet.snapshot(of: "echo").activeCalls == 0)
    }

    @Test func theFirstConnectionStartsAnAgent() async throws {
        let subject = try FleetUnderTest(onDemand: ["echo"])
        defer { subject.stop() }
        try await subject.start()
        let agent = try await subject.fleet.snapshot(of: "echo")
        #expect(answers(agent.address))
        #expect(try await subject.pid(of: "echo") == 1001)
    }

    // MARK: Configuration

    @Test func onlyAgentsWhoseOwnSettingsChangedRestart() async throws {
        let subject = try FleetUnderTest(alwaysOn: ["memory", "echo"])
        defer { subject.stop() }
        try await subject.startAndServe()
        var configuration = await subject.fleet.configuration
        configuration.agents[1].environment["COLOUR"] = "blue"
        #expect(try await subject.fleet.apply(configuration) == ["echo"])
        #expect(subject.spawner.deeds.suffix(1) == [.terminated(pid: 1002)])
        await subject.spawner.end(1002, .exited(code: 0))
        #expect(subject.spawner.deeds.last == .started(agent: "echo", pid: 1003))
    }

    @Test func agentsComeAndGoWithTheConfiguration() async throws {
        let subject = try FleetUnderTest(alwaysOn: ["memory"])
        defer { subject.stop() }
        try await subject.startAndServe()
        let address = try await subject.fleet.snapshot(of: "memory").address
        var configuration = await subject.fleet.configuration
        configuration.agents = [FleetUnderTest.manifest("echo", port: 1, start: .connection)]
        #expect(try await subject.fleet.apply(configuration) == ["memory", "echo"])
        #expect(subject.spawner.deeds.contains(.terminated(pid: 1001)))
        #expect(subject.spawner.deeds.contains(.started(agent: "echo", pid: 1002)))
        await waitUntilRefused(address)
        await subject.spawner.end(1001, .exited(code: 0))
        #expect(await subject.fleet.snapshots.map(\.manifest.id) == ["echo"])
    }

    @Test func anAgentThatAnOperatorStoppedStaysSoWhenItsSettingsChange() async throws {
        let subject = try FleetUnderTest(alwaysOn: ["memory"])
        defer { subject.stop() }
        try await subject.startAndServe()
        async let stopped = subject.fleet.stopAgent("memory")
        await subject.spawner.waitForDeeds(2)
        var configuration = await subject.fleet.configuration
        configuration.agents[0].environment["COLOUR"] = "blue"
        #expect(try await subject.fleet.apply(configuration) == ["memory"])
        await subject.spawner.end(1001, .exited(code: 0))
        #expect(try await stopped.state == .stopped)
        configuration.agents[0].environment["COLOUR"] = "green"
        #expect(try await subject.fleet.apply(configuration) == ["memory"])
        #expect(try await subject.fleet.snapshot(of: "memory").isHeld)
        #expect(subject.spawner.deeds.count == 2)
    }

    @Test func aFleetThatStopsTakesNoConfiguration() async throws {
        let subject = try FleetUnderTest(alwaysOn: ["memory"])
        defer { subject.stop() }
        try await subject.startAndServe()
        async let isStopped: Void = subject.fleet.stop()
        await subject.spawner.waitForDeeds(2)
        var configuration = await subject.fleet.configuration
        configuration.agents[0].environment["COLOUR"] = "blue"
        let changed = configuration
        let error = await #expect(throws: RPCError.self) {
            _ = try await subject.fleet.apply(changed)
        }
        #expect(error?.code == .unavailable)
        await subject.spawner.end(1001, .exited(code: 0))
        await isStopped
        #expect(subject.spawner.deeds.last == .terminated(pid: 1001))
    }

    @Test func anAgentThatIsBackBeforeItHasGoneStartsAgain() async throws {
        let subject = try FleetUnderTest(alwaysOn: ["memory"])
        defer { subject.stop() }
        try await subject.startAndServe()
        let configuration = await subject.fleet.configuration
        var without = configuration
        without.agents = []
        #expect(try await subject.fleet.apply(without) == ["memory"])
        #expect(try await subject.fleet.apply(configuration) == ["memory"])
        await subject.spawner.end(1001, .exited(code: 0))
        #expect(subject.spawner.deeds.last == .started(agent: "memory", pid: 1002))
        await subject.sayReady(1002)
        try await subject.wait(for: .serving, of: "memory")
    }

    @Test func aFleetThatStopsWaitsForAgentsThatLeave() async throws {
        let subject = try FleetUnderTest(alwaysOn: ["memory"])
        defer { subject.stop() }
        try await subject.startAndServe()
        var configuration = await subject.fleet.configuration
        configuration.agents = []
        #expect(try await subject.fleet.apply(configuration) == ["memory"])
        let stopping = Task {
            await subject.fleet.stop()
            return subject.spawner.deeds
        }
        while await !subject.fleet.isStopping { await Task.yield() }
        #expect(await subject.fleet.shutdownProgress.contains("memory"))
        await subject.clock.advance(by: .seconds(10))
        await subject.spawner.end(1001, .signaled(SIGKILL))
        #expect(await stopping.value.last == .killed(pid: 1001))
    }

    @Test(arguments: [StartPolicy.connection, .demand])
    func anAgentWaitsForThePortOfOneThatLeaves(start: StartPolicy) async throws {
        let subject = try FleetUnderTest(alwaysOn: ["memory"], passesSockets: false)
        defer { subject.stop() }
        try await subject.startAndServe()
        let address = try await subject.fleet.snapshot(of: "memory").address
        var configuration = await subject.fleet.configuration
        configuration.agents[0] = FleetUnderTest.manifest(
            "echo", port: try #require(address.port), start: start)
        #expect(try await subject.fleet.apply(configuration) == ["memory", "echo"])
        await subject.clock.advance(by: .seconds(5))
        #expect(subject.states(of: "echo") == [])
        await subject.spawner.end(1001, .exited(code: 0))
        if start == .demand {
            while !subject.states(of: "echo").contains(.starting) {
                _ = answers(address)
                await subject.clock.advance(by: .seconds(1))
            }
        }
        #expect(try await subject.pid(of: "echo") == 1002)
        #expect(subject.states(of: "echo") == [.starting])
    }

    @Test func aPortThatSomebodyHasIsTriedAgain() async throws {
        let subject = try FleetUnderTest()
        defer { subject.stop() }
        try await subject.start()
        let port: UInt16
        do {
            let holder = try ListeningSocket.bind(to: .loopback(port: 0))
            port = try #require(holder.localAddress.port)
            var configuration = await subject.fleet.configuration
            configuration.agents = [FleetUnderTest.manifest("echo", port: port, start: .demand)]
            #expect(try await subject.fleet.apply(configuration) == ["echo"])
            _ = consume holder
        }
        // The holder's socket may live on for a moment in a child that some other test is just starting.
        while !subject.states(of: "echo").contains(.starting) {
            _ = answers(.loopback(port: port))
            await subject.clock.advance(by: .seconds(1))
        }
        #expect(try await subject.pid(of: "echo") == 1001)
    }

    @Test func aPassedSocketOutlivesTheStopOfItsAgent() async throws {
        let subject = try FleetUnderTest(alwaysOn: ["memory"], keepsCopies: true)
        defer { subject.stop() }
        try await subject.startAndServe()
        let address = try await subject.fleet.snapshot(of: "memory").address
        async let stopped = subject.fleet.stopAgent("memory")
        await subject.spawner.waitForDeeds(2)
        await subject.spawner.end(1001, .exited(code: 0))
        #expect(try await stopped.state == .stopped)
        #expect(failsAtOnce(address))
        async let started = subject.fleet.startAgent("memory")
        await subject.sayReady(try await subject.pid(of: "memory"))
        #expect(try await started.state.kind == .serving)
        #expect(!failsAtOnce(address))
    }

    @Test func aPassedSocketThatNoAgentWantsFailsAtOnceUntilOneDoes() async throws {
        let subject = try FleetUnderTest()
        defer { subject.stop() }
        let socket = try ListeningSocket.bind(to: .loopback(port: 0))
        let address = socket.localAddress
        let copy = OwnedDescriptor(owning: fcntl(socket.descriptor.rawValue, F_DUPFD_CLOEXEC, 0))
        var passed = AdoptedListeners()
        try passed.add(copy)
        try await subject.fleet.start(adopting: passed)
        #expect(failsAtOnce(address))
        var configuration = await subject.fleet.configuration
        configuration.agents = [
            FleetUnderTest.manifest(
                "echo", port: try #require(address.port), start: .connection)
        ]
        #expect(try await subject.fleet.apply(configuration) == ["echo"])
        #expect(try await subject.pid(of: "echo") == 1001)
        #expect(!failsAtOnce(address))
        _ = consume socket
    }

    @Test func aPortThatItBindsIsKeptUntilItsAgentGoes() async throws {
        let subject = try FleetUnderTest(alwaysOn: ["memory"], passesSockets: false)
        defer { subject.stop() }
        try await subject.startAndServe()
        let address = try await subject.fleet.snapshot(of: "memory").address
        #expect(subject.kept.all == [try #require(address.port)])
        var configuration = await subject.fleet.configuration
        configuration.agents = []
        #expect(try await subject.fleet.apply(configuration) == ["memory"])
        #expect(subject.kept.all == [])
    }

    @Test func aPortOfASocketUnitIsNotKeptTwice() async throws {
        let subject = try FleetUnderTest(alwaysOn: ["memory"])
        defer { subject.stop() }
        try await subject.startAndServe()
        #expect(subject.kept.all == [])
    }

    @Test func aKeptSocketIsItsAgentsToClose() async throws {
        let subject = try FleetUnderTest()
        defer { subject.stop() }
        let wanted = try ListeningSocket.bind(to: .loopback(port: 0))
        let unwanted = try ListeningSocket.bind(to: .loopback(port: 0))
        let address = wanted.localAddress
        let ports = [try #require(address.port), try #require(unwanted.localAddress.port)]
        for port in ports { subject.kept.keep(-1, port: port) }
        var passed = AdoptedListeners()
        for descriptor in [wanted.descriptor.rawValue, unwanted.descriptor.rawValue] {
            let copy = OwnedDescriptor(owning: fcntl(descriptor, F_DUPFD_CLOEXEC, 0))
            try passed.add(copy, isKept: true)
        }
        _ = consume wanted
        _ = consume unwanted
        var configuration = await subject.fleet.configuration
        configuration.agents = [FleetUnderTest.manifest("echo", port: ports[0], start: .connection)]
        let fleet = Fleet(
            configuration, effects: subject.fleet.effects, store: subject.store,
            logger: subject.fleet.logger)
        try await fleet.start(adopting: passed)
        #expect(subject.kept.all == [ports[0]])
        await waitUntilRefused(.loopback(port: ports[1]))
        #expect(answers(address))
        _ = try await fleet.apply(subject.fleet.configuration)
        #expect(subject.kept.all == [])
        await subject.spawner.end(1001, .exited(code: 0))
        await waitUntilRefused(address)
    }

    @Test func aPortInUseIsNamedWithItsHolder() async throws {
        let holder = try ListeningSocket.bind(to: .loopback(port: 0))
        let subject = try FleetUnderTest()
        defer { subject.stop() }
        var configuration = await subject.fleet.configuration
        configuration.agents = [
            FleetUnderTest.manifest(
                "memory", port: try #require(holder.localAddress.port), start: .connection)
        ]
        let fleet = Fleet(
            configuration, effects: subject.fleet.effects, store: subject.store,
            logger: subject.fleet.logger)
        let error = await #expect(throws: SupervisorStartError.self) { try await fleet.start() }
        let problem = try #require(error?.problems.first)
        #expect(problem.hasPrefix("cannot bind \(holder.localAddress) for memory"))
        #expect(problem.contains("pid \(getpid())"))
        #expect(problem.contains("agents.memory.port"))
        #expect(subject.spawner.deeds.isEmpty)
    }

    /// Waits until connections fail at once: they are refused, or closed where the port's socket was
    /// passed to the fleet.
    ///
    /// A socket that was closed lives on in a child that some other test is just starting, until that
    /// child executes its program.
    private func waitUntilRefused(_ address: SocketAddress) async {
        while !failsAtOnce(address) { await Task.yield() }
    }

    /// Whether a connection fails or ends, rather than wait for an agent.
    private func failsAtOnce(_ address: SocketAddress) -> Bool {
        let socket = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        guard address.withSockaddr({ connect(socket, $0, $1) }) == 0 else { return true }
        var limit = timeval(tv_sec: 0, tv_usec: 200_000)
        setsockopt(
            socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var byte: UInt8 = 0
        return recv(socket, &byte, 1, 0) == 0 || errno != EAGAIN
    }

    /// Whether something accepts connections.
    private func answers(_ address: SocketAddress) -> Bool {
        let socket = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        return address.withSockaddr { connect(socket, $0, $1) } == 0
    }
}
