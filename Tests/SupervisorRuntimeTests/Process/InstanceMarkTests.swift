import Glibc
import LinuxIO
import Testing

@testable import SupervisorRuntime

@Suite(.timeLimit(.minutes(1)))
struct InstanceMarkTests {
    private let loop: EventLoop
    private let spawner: Spawner

    init() throws {
        loop = try EventLoop(name: "mark-test")
        spawner = try Spawner()
    }

    /// Runs a script that writes a pid, and reads the mark of that process.
    private func mark(of script: String, environment: [String: String]) async throws
        -> InstanceMark?
    {
        defer { loop.stop() }
        var request = SpawnRequest.shell(script)
        request.environment.merge(environment) { _, given in given }
        let child = try await SupervisedChild.start(request, by: spawner, on: loop)
        let line = try await child.ring.nextLines(after: 0)[0]
        let mark = InstanceMark(of: try #require(pid_t(line.text)))
        await child.kill()
        _ = await child.waitForExit()
        return mark
    }

    @Test func aProcessHasTheMarkItWasStartedWith() async throws {
        let given = InstanceMark(instance: 7, of: "echo")
        let environment = [InstanceMark.variable: given.description, "A": "b"]
        #expect(try await mark(of: "echo $$; sleep 600", environment: environment) == given)
    }

    @Test func aDescendantInheritsIt() async throws {
        let given = InstanceMark(instance: 8, of: "echo")
        let environment = [InstanceMark.variable: given.description]
        let script = "sh -c 'echo $$; sleep 600' & wait"
        #expect(try await mark(of: script, environment: environment) == given)
    }

    @Test func itIsNoOtherVariables() async throws {
        let environment = [
            "\(InstanceMark.variable)_ID": "echo.1.1", "A": "\(InstanceMark.variable)=x",
        ]
        #expect(try await mark(of: "echo $$; sleep 600", environment: environment) == nil)
    }

    @Test func instancesAreToldApart() {
        #expect(InstanceMark(instance: 1, of: "echo") != InstanceMark(instance: 2, of: "echo"))
        #expect(InstanceMark(instance: 1, of: "echo") != InstanceMark(instance: 1, of: "other"))
    }

    @Test func whereThereIsNoProcessThereIsNoMark() {
        #expect(InstanceMark(of: -1) == nil)
    }
}
