import Glibc
import LinuxIO
import Systemd
import Testing

@testable import SupervisorRuntime

@Suite(.timeLimit(.minutes(1)))
struct OutputRelayTests {
    private let loop: EventLoop
    private let spawner: Spawner

    init() throws {
        loop = try EventLoop(name: "relay-test")
        spawner = try Spawner()
    }

    private func start(
        _ script: String, limit: LineRateLimit = LineRateLimit()
    ) async throws -> SupervisedChild {
        try await SupervisedChild.start(.shell(script), by: spawner, limit: limit, on: loop)
    }

    @Test func keepsTheStreamsApart() async throws {
        let child = try await start("echo out; echo '<4>err' >&2; printf rest")
        _ = await child.waitForExit()
        let lines = child.ring.lines()
        #expect(lines.filter { $0.stream == .standardOutput }.map(\.text) == ["out", "rest"])
        let errors = lines.filter { $0.stream == .standardError }
        #expect(errors.map(\.text) == ["err"])
        #expect(errors.map(\.priority) == [.warning])
        #expect(lines.map(\.sequence) == [1, 2, 3])
        let pid = await child.pid
        #expect(lines.allSatisfy { $0.pid == pid && $0.time > 0 })
    }

    @Test func relaysEveryLineWithinTheLimit() async throws {
        let child = try await start("seq 1 20000", limit: LineRateLimit(maximum: 20_000))
        #expect(await child.output() == (19_001...20_000).map { "\($0)" })
        #expect(child.ring.lines().last?.sequence == 20_000)
    }

    @Test func countsWhatIsOverTheLimit() async throws {
        let child = try await start(
            "seq 1 5000", limit: LineRateLimit(maximum: 10, window: .seconds(60)))
        _ = await child.waitForExit()
        let lines = child.ring.lines()
        #expect(lines.dropLast().map(\.text) == (1...10).map { "\($0)" })
        #expect(lines.last?.text == "4990 lines left out: more than 10 in 60 s")
        #expect(lines.last?.sequence == 5_001)
    }

    @Test func saysTheCountWhileTheProcessRuns() async throws {
        let child = try await start(
            "seq 1 100; exec sleep 600", limit: LineRateLimit(maximum: 10, window: .seconds(1)))
        var last = try await child.ring.nextLines(after: 0).last
        while last?.sequence ?? 0 < 101 {
            last = try await child.ring.nextLines(after: last?.sequence ?? 0).last
        }
        #expect(last?.text == "90 lines left out: more than 10 in 1 s")
        await child.kill()
        _ = await child.waitForExit()
    }

    @Test func drainingEndsAlthoughAStrayDescendantHoldsThePipes() async throws {
        // It leaves the group, so that it survives the leader.
        let child = try await start("setsid sh -c 'echo $$; printf half; exec sleep 600' & wait")
        let line = try await child.ring.nextLines(after: 0)
        let stray = try #require(pid_t(line[0].text))
        await child.kill()
        #expect(await child.output().last == "half")
        #expect(isRunning(stray))
        kill(stray, SIGKILL)
    }
}
