import Glibc
import LinuxIO

@testable import SupervisorRuntime

/// A child process for tests, which may wait for its end.
actor SupervisedChild {
    nonisolated let ring = OutputRing()
    private nonisolated let loop: EventLoop
    private var process: ChildProcess?
    private var exit: ProcessExit?
    private var exitWaiters: [CheckedContinuation<ProcessExit, Never>] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private init(on loop: EventLoop) {
        self.loop = loop
    }

    static func start(
        _ request: SpawnRequest, by spawner: any Spawning,
        limit: LineRateLimit = LineRateLimit(), on loop: EventLoop
    ) async throws -> SupervisedChild {
        let child = SupervisedChild(on: loop)
        try await child.start(request, by: spawner, limit: limit)
        return child
    }

    private func start(
        _ request: SpawnRequest, by spawner: any Spawning, limit: LineRateLimit
    ) throws {
        process = try ChildProcess(
            try spawner.spawn(request), of: "test", in: request.cgroup, into: ring, and: Nowhere(),
            limit: limit, on: loop
        ) { exit in
            self.assumeIsolated { $0.ended(exit) }
        }
    }

    private func ended(_ exit: ProcessExit) {
        self.exit = exit
        for waiter in exitWaiters { waiter.resume(returning: exit) }
        exitWaiters = []
    }

    var pid: pid_t { process?.pid ?? 0 }

    func send(signal: CInt) throws { try process?.send(signal: signal) }

    func kill() { process?.kill() }

    /// Ends the child and reaps it on the loop's thread, before its watcher can.
    func killAndTakeStatus() throws {
        try send(signal: SIGKILL)
        while waitpid(pid, nil, 0) < 0, errno == EINTR {}
    }

    /// Waits for the end of the process, its group and its output.
    func waitForExit() async -> ProcessExit {
        if let exit { return exit }
        return await withCheckedContinuation { exitWaiters.append($0) }
    }

    /// Waits for its end and returns all that it wrote to standard output.
    func output() async -> [String] {
        _ = await waitForExit()
        return ring.lines().filter { $0.stream == .standardOutput }.map(\.text)
    }

    private struct Nowhere: OutputSink {
        func write(_ line: OutputLine, of agent: String) {}
    }
}

extension SpawnRequest {
    /// A shell that runs a script.
    static func shell(_ script: String) -> SpawnRequest {
        var request = SpawnRequest(executable: "/bin/sh")
        request.arguments = ["-c", script]
        request.environment = ["PATH": "/usr/bin:/bin"]
        return request
    }
}

/// Whether a process runs, and is not only a zombie that its parent has not reaped.
func isRunning(_ pid: pid_t) -> Bool { ProcessStat(pid: pid)?.isRunning ?? false }
