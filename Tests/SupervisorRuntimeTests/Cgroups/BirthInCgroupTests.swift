import Glibc
import LinuxIO
import Testing

@testable import SupervisorRuntime

/// Where this user may make control groups, which needs root or a delegated one.
@Suite(.timeLimit(.minutes(1)), .enabled(if: ScratchCgroup.isPossible))
struct BirthInCgroupTests {
    private let loop: EventLoop
    private let spawner: Spawner
    private let scratch: ScratchCgroup

    init() throws {
        loop = try EventLoop(name: "cgroup-test")
        spawner = try Spawner()
        scratch = try ScratchCgroup()
    }

    private func start(_ script: String) async throws -> SupervisedChild {
        var request = SpawnRequest.shell(script)
        request.cgroup = scratch.cgroup
        return try await SupervisedChild.start(request, by: spawner, on: loop)
    }

    @Test func theChildIsBornInIt() async throws {
        let child = try await start("sed -n 's/^0:://p' /proc/self/cgroup")
        #expect(await child.output().first?.hasSuffix("/\(scratch.name)") == true)
    }

    /// Which a process group would not.
    @Test func killingReachesWhoeverLeftTheProcessGroup() async throws {
        let child = try await start("setsid sh -c 'echo $$; exec sleep 600' & wait")
        let line = try await child.ring.nextLines(after: 0)
        let stray = try PidFD(pid: try #require(pid_t(line[0].text)))
        await child.kill()
        _ = await child.waitForExit()
        var poll = pollfd(fd: stray.descriptor.rawValue, events: Int16(POLLIN), revents: 0)
        #expect(Glibc.poll(&poll, 1, -1) == 1)
    }

    @Test func aDirectoryThatIsNoCgroupIsSaidToBeNone() throws {
        var request = SpawnRequest.shell("exit 0")
        request.cgroup = try Cgroup(path: "/")
        #expect(throws: SpawnError.self) { _ = try spawner.spawn(request).pid }
    }
}
