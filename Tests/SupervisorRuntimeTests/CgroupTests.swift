import Foundation
import Glibc
import LinuxIO
import Testing

@testable import SupervisorRuntime

/// Where this user may make control groups, which needs root or a delegated one.
@Suite(.timeLimit(.minutes(1)), .enabled(if: ScratchCgroup.isPossible))
struct CgroupTests {
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
        request.cgroup = try scratch.open()
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
        request.cgroup = Cgroup(
            owning: try OwnedDescriptor(
                owning: open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), from: "open /"))
        #expect(throws: SpawnError.self) { _ = try spawner.spawn(request).pid }
    }
}

/// A control group of one test, below this process's own.
private final class ScratchCgroup: Sendable {
    let name = "op-agents-test-\(UUID())"
    private let path: String

    init() throws {
        path = "\(try #require(Self.own))/\(name)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit {
        // Its processes have been killed and may not have vanished: what is left is empty soon.
        while rmdir(path) != 0, errno == EBUSY { sched_yield() }
    }

    func open() throws -> Cgroup {
        Cgroup(
            owning: try OwnedDescriptor(
                owning: Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), from: "open \(path)"))
    }

    static var isPossible: Bool { own.map { access($0, W_OK) == 0 } ?? false }

    private static var own: String? {
        let lines = (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)) ?? ""
        guard let line = lines.split(separator: "\n").first(where: { $0.hasPrefix("0::") }) else {
            return nil
        }
        return ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].map { $0 + line.dropFirst(3) }
            .first { access("\($0)/cgroup.procs", F_OK) == 0 }
    }
}
