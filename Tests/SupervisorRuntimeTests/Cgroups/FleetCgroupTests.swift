import AgentManifest
import Glibc
import LinuxIO
import Supervision
import Testing

@testable import SupervisorRuntime

@Suite(.timeLimit(.minutes(1)), .enabled(if: ScratchCgroup.isPossible))
struct FleetCgroupTests {
    private let scratch: ScratchCgroup

    init() throws {
        scratch = try ScratchCgroup()
    }

    private func instance(_ fleet: FleetCgroup, _ limits: ResourceLimits = ResourceLimits()) throws
        -> InstanceCgroup
    {
        try fleet.makeInstance(of: "memory", limits: limits)
    }

    @Test func theSupervisorMovesIntoALeaf() throws {
        _ = try FleetCgroup(scratch.cgroup)
        #expect(try Cgroup.own()?.path == scratch.cgroup.path + "/supervisor")
    }

    @Test func whoeverIsInTheLeafStaysThere() throws {
        _ = try FleetCgroup(scratch.cgroup)
        try scratch.cgroup.delegate()
        _ = try FleetCgroup.claim()
        #expect(try Cgroup.own()?.path == scratch.cgroup.path + "/supervisor")
        #expect(scratch.cgroup.children == ["supervisor"])
    }

    @Test func oneThatIsNotDelegatedIsLeftAlone() throws {
        try scratch.cgroup.enter()
        let reason = #expect(throws: FleetCgroup.Unavailable.self) { _ = try FleetCgroup.claim() }
        #expect(reason?.isFailure == false)
        #expect(scratch.cgroup.children.isEmpty)
    }

    @Test func eachInstanceHasOneOfItsOwn() throws {
        let fleet = try FleetCgroup(scratch.cgroup)
        let first = try instance(fleet)
        let second = try instance(fleet)
        #expect(Set(scratch.cgroup.children) == ["supervisor", "memory-1", "memory-2"])
        #expect(first.cgroup.isDelegated)
        first.remove()
        #expect(Set(scratch.cgroup.children) == ["supervisor", "memory-2"])
        second.remove()
    }

    @Test func anInstanceIsRemovedWithWhatItsAgentMadeInIt() throws {
        let fleet = try FleetCgroup(scratch.cgroup)
        let made = try instance(fleet)
        _ = try made.cgroup.makeChild("program-1").makeChild("deeper")
        made.remove()
        #expect(scratch.cgroup.children == ["supervisor"])
    }

    @Test func whatAnEarlierSupervisorLeftIsEnded() throws {
        let left = try scratch.cgroup.makeChild("memory-1")
        let other = try scratch.cgroup.makeChild("not ours")
        var request = SpawnRequest.shell("exec sleep 600")
        request.cgroup = left
        let process = try Spawner().spawn(request)
        _ = try FleetCgroup(scratch.cgroup)
        #expect(try process.pidfd.reap() == .signalled(SIGKILL, dumpedCore: false))
        #expect(Set(scratch.cgroup.children) == ["supervisor", other.name[...].description])
    }

    @Test func aNameThatIsTakenIsPassedOver() throws {
        let fleet = try FleetCgroup(scratch.cgroup)
        _ = try scratch.cgroup.makeChild("memory-1")
        #expect(try instance(fleet).cgroup.name == "memory-2")
    }

    @Test(arguments: [
        (ProcessExit.exited(code: 1), "oom 1\noom_kill 1", Supervision.ExitStatus.exited(code: 1)),
        (.signalled(SIGKILL, dumpedCore: false), "", .signaled(SIGKILL)),
        (.signalled(SIGKILL, dumpedCore: false), "oom 1\noom_kill 0", .signaled(SIGKILL)),
        (.signalled(SIGSEGV, dumpedCore: false), "oom 1\noom_kill 1", .signaled(SIGSEGV)),
        (.signalled(SIGKILL, dumpedCore: false), "oom 0\noom_kill 1", .outOfMemory),
        (
            .signalled(SIGKILL, dumpedCore: false), "oom 1\noom_kill 1",
            .overMemoryLimit(bytes: 1 << 28, key: "agents.memory.limits.memory")
        ),
    ])
    func anEndForWantOfMemoryIsTold(
        exit: ProcessExit, events: String, status: Supervision.ExitStatus
    ) {
        let instance = InstanceCgroup(
            scratch.cgroup, memoryLimit: 1 << 28, key: "agents.memory.limits.memory"
        ) {}
        #expect(instance.status(of: exit, after: MemoryEvents(events)) == status)
    }
}
