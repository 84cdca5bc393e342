import AgentManifest
import Glibc
import LinuxIO
import Logging
import Supervision
import Testing

@testable import SupervisorRuntime

@Suite(.timeLimit(.minutes(1)))
struct ProcessStarterTests {
    private let loop: EventLoop
    private let starter: ProcessStarter

    private let mark = InstanceMark(instance: 1, of: "echo")

    private static let allowed: AllowedAccounts = {
        var allowed = AllowedAccounts()
        allowed.users = [1001, 1000]
        return allowed
    }()

    init() throws {
        loop = try EventLoop(name: "starter-test")
        let logger = Logger(label: "starter-test") { _ in SwiftLogNoOpLogHandler() }
        starter = ProcessStarter(
            spawner: try Spawner(), sink: NoSink(),
            surroundings: ProcessStarter.Surroundings(
                notifySocket: "/run/notify", supervisorAddress: .unix(path: "/run/supervisor"),
                stateDirectory: "/state", allowed: Self.allowed),
            orphans: OrphanReaper(sparing: [], on: loop, logger: logger), cgroup: nil,
            logger: logger, on: loop)
    }

    private func plan(
        _ executable: String, at place: ListeningPlace = .port(descriptor: 7),
        _ change: (inout AgentManifest) -> Void = { _ in }
    ) -> InstancePlan {
        var manifest = AgentManifest(id: "echo", executable: executable, port: 1)
        change(&manifest)
        return InstancePlan(manifest: manifest, place: place, output: OutputRing())
    }

    @Test func anAgentIsToldWhereItIs() {
        defer { loop.stop() }
        let request = starter.request(
            for: plan("/bin/echo") {
                $0.arguments = ["--loud"]
                $0.environment = [
                    "COLOUR": "blue", "NOTIFY_SOCKET": "its own affair",
                    InstanceMark.variable: "not so",
                ]
            }, marked: mark)
        #expect(request.executable == "/bin/echo")
        #expect(request.arguments == ["--loud"])
        #expect(request.environment["OP_SUPERVISOR_ADDRESS"] == "unix:/run/supervisor")
        #expect(request.environment["OP_AGENT_STATE_DIR"] == "/state/echo")
        #expect(request.environment["OP_ALLOWED_USERS"] == "1000:1001")
        #expect(request.environment["OP_ALLOWED_GROUPS"] == "")
        #expect(request.environment["COLOUR"] == "blue")
        #expect(request.environment["NOTIFY_SOCKET"] == "its own affair")
        #expect(request.environment[InstanceMark.variable] == mark.description)
        #expect(request.listeningSockets == [.init(name: "echo", descriptor: 7)])
    }

    @Test func oneThatListensItselfIsToldWhereAndGetsNoSocket() {
        defer { loop.stop() }
        let place = ListeningPlace.unix(path: "/run/agents/echo.sock")
        let request = starter.request(for: plan("/bin/echo", at: place), marked: mark)
        #expect(request.environment["OP_AGENT_LISTEN"] == "unix:/run/agents/echo.sock")
        #expect(request.listeningSockets.isEmpty)
    }

    @Test func limitsAreThoseOfTheManifest() {
        defer { loop.stop() }
        #expect(starter.request(for: plan("/bin/echo"), marked: mark).limits.isEmpty)
        let request = starter.request(
            for: plan("/bin/echo") {
                $0.limits.memory = 1 << 30
                $0.limits.openFiles = 100
                $0.limits.oomScoreAdjust = 300
            }, marked: mark)
        #expect(request.limits == [.data(1 << 30), .openFiles(100)])
        #expect(request.oomScoreAdjustment == 300)
    }

    @Test func aMissingProgramIsDiagnosed() async {
        defer { loop.stop() }
        let error = await #expect(throws: InstanceError.self) {
            _ = try await run(plan("/no/such/program"))
        }
        #expect(error?.description.hasPrefix("cannot execute /no/such/program: ") == true)
    }

    /// Starts an instance and waits for its end, on the loop.
    private func run(_ plan: InstancePlan) async throws -> Supervision.ExitStatus {
        try await withCheckedThrowingContinuation { continuation in
            loop.execute { [starter] in
                do {
                    _ = try starter.start(plan) { continuation.resume(returning: $0) }
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }
}

private struct NoSink: OutputSink {
    func write(_ line: OutputLine, of agent: String) {}
}
