import AgentRuntime
import Glibc
import Testing

@testable import RustProAgent

@Suite(.timeLimit(.minutes(1)))
struct GuardedProgramRunnerTests {
    private let runner = GuardedProgramRunner.beside

    private func shell(
        _ script: String, environment: [String: String] = ["PATH": "/usr/bin:/bin"],
        input: String = "", timeLimit: Duration = .seconds(30)
    ) -> Program {
        Program(
            executable: "/bin/sh", arguments: ["-c", script], environment: environment,
            directory: "/", input: Array(input.utf8), timeLimit: timeLimit)
    }

    /// Whether a process with this pid runs; one that has ended and was not reaped does not.
    static func isRunning(_ pid: pid_t) -> Bool {
        guard let file = fopen("/proc/\(pid)/stat", "r") else { return false }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 512)
        guard fgets(&line, 512, file) != nil else { return false }
        let text = String(
            decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return text.split(separator: ")").last?.split(separator: " ").first != "Z"
    }

    @Test func theStreamsAreApartAndTheExitCodeIsTold() async throws {
        let output = try await runner.output(of: shell("echo out; echo err >&2; exit 7"))
        #expect(output.stdoutText == "out\n")
        #expect(output.stderrText == "err\n")
        #expect(output.end == .exited(7))
    }

    @Test func aSignalIsTold() async throws {
        let output = try await runner.output(of: shell("kill -USR1 $$"))
        #expect(output.end == .signalled(SIGUSR1))
    }

    @Test func onlyTheGivenEnvironmentIsSeen() async throws {
        setenv("RUST_PRO_SECRET", "of the agent", 1)
        let program = Program(
            executable: "/usr/bin/env", arguments: [], environment: ["GIVEN": "a value"],
            directory: "/", timeLimit: .seconds(30))
        #expect(try await runner.output(of: program).stdoutText == "GIVEN=a value\n")
    }

    @Test(arguments: ["", "a line\n", String(repeating: "long ", count: 200_000)])
    func theInputIsReadToItsEnd(input: String) async throws {
        let output = try await runner.output(of: shell("cat", input: input))
        #expect(output.stdoutText == input)
        #expect(output.end == .exited(0))
    }

    @Test func inputThatNobodyReadsIsNoError() async throws {
        let input = String(repeating: "x", count: 1 << 20)
        #expect(try await runner.output(of: shell("exit 3", input: input)).end == .exited(3))
    }

    @Test func muchOutputArrivesWhole() async throws {
        let output = try await runner.output(of: shell("head -c 5000000 /dev/zero; echo end >&2"))
        #expect(output.stdout.count == 5_000_000)
        #expect(output.stderrText == "end\n")
    }

    @Test func outputArrivesWhileTheProgramRuns() async throws {
        // The program waits for a signal that is only sent when its first line has arrived.
        var pid: pid_t?
        let end = try await runner.run(
            shell("trap 'exit 5' TERM; echo $$; while :; do sleep 0.05; done")
        ) {
            _, bytes in
            pid = pid_t(String(decoding: bytes, as: UTF8.self).dropLast())
            if let pid { kill(pid, SIGTERM) }
        }
        #expect(pid != nil)
        #expect(end == .exited(5))
    }

    @Test func signalsAreNeitherBlockedNorIgnored() async throws {
        let output = try await runner.output(of: shell("grep -E 'Sig(Blk|Ign)' /proc/self/status"))
        let lines = output.stdoutText.split(separator: "\n")
        #expect(lines.count == 2)
        for line in lines {
            let signals = try #require(
                line.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) })
            // Signals 32 and 33 belong to glibc, whose posix_spawn ignores them.
            #expect(signals & 0x7fff_ffff == 0)
        }
    }

    @Test func whatTheProgramLeavesBehindIsEnded() async throws {
        let output = try await runner.output(
            of: shell("setsid sleep 600 & echo $!; (trap '' TERM; exec sleep 600) & echo $!"))
        let pids = output.stdoutText.split(separator: "\n").compactMap { pid_t($0) }
        #expect(pids.count == 2)
        #expect(output.end == .exited(0))
        for pid in pids { #expect(!Self.isRunning(pid)) }
    }

    @Test func theTimeLimitEndsEverything() async throws {
        let sink = RecordingSink()
        let script =
            "setsid sleep 600 & echo $!; trap 'echo told' TERM; (trap '' TERM; exec sleep 600) & echo $!; wait; wait"
        await #expect {
            try await runner.run(shell(script, timeLimit: .milliseconds(300))) { _, bytes in
                try await sink.write(bytes, to: .stdout)
            }
        } throws: { error in
            (error as? OperationError)?.code == .deadlineExceeded
        }
        // What it says when it is told to end is passed on too.
        #expect(sink.text(.stdout).hasSuffix("told\n"))
        let pids = sink.text(.stdout).split(separator: "\n").compactMap { pid_t($0) }
        #expect(pids.count == 2)
        for pid in pids { #expect(!Self.isRunning(pid)) }
    }

    @Test func cancellingEndsEverythingBeforeItReturns() async throws {
        let sink = RecordingSink()
        let program = shell(
            "echo $$; setsid sleep 600 & echo $!; (trap '' TERM; exec sleep 600) & echo $!; echo ready; wait"
        )
        let task = Task { [runner] in
            try await runner.run(program) { _, bytes in try await sink.write(bytes, to: .stdout) }
        }
        await sink.wait(for: "ready")
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        let pids = sink.text(.stdout).split(separator: "\n").compactMap { pid_t($0) }
        #expect(pids.count == 3)
        for pid in pids { #expect(!Self.isRunning(pid)) }
    }

    @Test func aReaderThatFailsEndsTheProgram() async throws {
        struct Gone: Error {}
        var pid: pid_t?
        await #expect(throws: Gone.self) {
            try await runner.run(shell("echo $$; exec sleep 600")) { _, bytes in
                pid = pid_t(String(decoding: bytes, as: UTF8.self).dropLast())
                throw Gone()
            }
        }
        #expect(!Self.isRunning(try #require(pid)))
    }

    @Test func whatCannotBeStartedIsAFailedPrecondition() async throws {
        let program = Program(
            executable: "/nonexistent/cargo", arguments: [], environment: [:], directory: "/",
            timeLimit: .seconds(5))
        await #expect {
            try await runner.output(of: program)
        } throws: { error in
            (error as? OperationError)?.code == .failedPrecondition
        }
    }
}
