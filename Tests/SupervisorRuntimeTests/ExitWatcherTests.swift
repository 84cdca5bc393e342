import Glibc
import LinuxIO
import Testing

@testable import SupervisorRuntime

@Suite(.timeLimit(.minutes(1)))
struct ExitWatcherTests {
    private let loop: EventLoop
    private let spawner: Spawner

    init() throws {
        loop = try EventLoop(name: "exit-test")
        spawner = try Spawner()
    }

    private func start(_ script: String) async throws -> SupervisedChild {
        try await SupervisedChild.start(.shell(script), by: spawner, on: loop)
    }

    @Test(arguments: [0, 1, 7, 255])
    func reportsTheExitCode(code: Int32) async throws {
        let child = try await start("exit \(code)")
        #expect(await child.waitForExit() == .exited(code: code))
    }

    @Test func reportsTheSignal() async throws {
        let child = try await start("kill -TERM $$")
        #expect(await child.waitForExit() == .signalled(SIGTERM, dumpedCore: false))
    }

    @Test func aSignalReachesTheLeader() async throws {
        let child = try await start("trap 'echo drained; exit 5' TERM; echo up; sleep 600 & wait")
        _ = try await child.ring.nextLines(after: 0)
        try await child.send(signal: SIGTERM)
        #expect(await child.waitForExit() == .exited(code: 5))
        #expect(await child.output() == ["up", "drained"])
    }

    @Test func killingEndsTheWholeGroup() async throws {
        let child = try await start("sleep 600 & echo $!; trap '' TERM; wait")
        let line = try await child.ring.nextLines(after: 0)
        let grandchild = try #require(pid_t(line[0].text))
        #expect(isRunning(grandchild))
        await child.kill()
        #expect(await child.waitForExit() == .signalled(SIGKILL, dumpedCore: false))
        #expect(!isRunning(grandchild))
    }

    @Test func aLeaderThatEndsByItselfTakesItsGroupAlong() async throws {
        let child = try await start("sleep 600 & echo $!; exit 3")
        #expect(await child.waitForExit() == .exited(code: 3))
        let grandchild = try #require(child.ring.lines().first.flatMap { pid_t($0.text) })
        #expect(!isRunning(grandchild))
    }

    @Test func afterTheEndNothingIsSignalled() async throws {
        let child = try await start("exit 0")
        _ = await child.waitForExit()
        // Were the group's number given to others, these would reach them.
        try await child.send(signal: SIGTERM)
        await child.kill()
    }

    @Test func anEndWhoseStatusSomebodyElseTookIsReported() async throws {
        let child = try await start("exec sleep 600")
        try await child.killAndTakeStatus()
        #expect(await child.waitForExit() == .unknown)
    }

    @Test func manyChildrenEndAtOnce() async throws {
        let children = try await withThrowingTaskGroup(of: SupervisedChild.self) { group in
            for code in 0..<40 { group.addTask { try await start("exit \(code)") } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        var exits: Set<ProcessExit> = []
        for child in children { exits.insert(await child.waitForExit()) }
        #expect(exits.count == 40)
    }
}
