import Foundation
import Glibc
import LinuxIO
import Testing

@testable import SupervisorRuntime

@Suite(.timeLimit(.minutes(1)))
struct SpawnerTests {
    private let loop: EventLoop
    private let spawner: Spawner
    private let directory: ScratchDirectory

    init() throws {
        loop = try EventLoop(name: "spawner-test")
        spawner = try Spawner()
        directory = try ScratchDirectory()
    }

    private func output(of request: SpawnRequest) async throws -> [String] {
        try await SupervisedChild.start(request, by: spawner, on: loop).output()
    }

    @Test func theChildGetsItsArgumentsEnvironmentAndPlace() async throws {
        var request = SpawnRequest.shell("echo $0 $1 \"$2\" $COLOR $PWD $(umask); env | wc -l")
        request.arguments += ["zero", "one", "two  words"]
        request.environment["COLOR"] = "green"
        request.workingDirectory = "/usr"
        request.umask = 0o027
        // PATH, COLOR, OP_LIFELINE_FD, and PWD, which the shell adds.
        #expect(try await output(of: request) == ["zero one two  words green /usr 0027", "4"])
    }

    @Test func listeningSocketsArriveWithTheirNames() async throws {
        let first = try ListeningSocket.bind(to: .loopback(port: 0))
        let second = try ListeningSocket.bind(to: .loopback(port: 0))
        var request = SpawnRequest.shell(
            """
            echo $LISTEN_FDS $LISTEN_FDNAMES $OP_LIFELINE_FD $((LISTEN_PID == $$))
            readlink /proc/$$/fd/3 /proc/$$/fd/4
            """)
        request.environment["LISTEN_FDS"] = "7"
        request.environment["NOTIFY_SOCKET"] = "/run/ours"
        request.listeningSockets = [
            .init(name: "memory", descriptor: first.descriptor.rawValue),
            .init(name: "metrics", descriptor: second.descriptor.rawValue),
        ]
        let expected = try [first.descriptor.rawValue, second.descriptor.rawValue].map {
            try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
        }
        #expect(try await output(of: request) == ["2 memory:metrics 5 1"] + expected)
    }

    @Test func nothingElseIsOpen() async throws {
        let stray = open("/dev/zero", O_RDONLY)  // without close-on-exec
        defer { close(stray) }
        let lines = try await output(of: .shell("ls /proc/$$/fd"))
        // The lifeline is at 3 where no sockets are passed.
        #expect(lines == ["0", "1", "2", "3"])
    }

    @Test func limitsBindTheChild() async throws {
        var request = SpawnRequest.shell(
            "ulimit -n; ulimit -Hn; ulimit -c; cat /proc/self/oom_score_adj")
        request.limits = [.openFiles(99), .core(0), .data(.max)]
        request.oomScoreAdjustment = 300
        #expect(try await output(of: request) == ["99", "99", "0", "300"])
    }

    @Test func startTimeTellsWhichProcessItIs() async throws {
        let spawner = spawner
        let (startTime, again) = try await loop.run {
            let process = try spawner.spawn(.shell("exec sleep 600"))
            let again = ProcessStat(pid: process.pid)?.startTime
            try process.pidfd.send(signal: SIGKILL)
            while try process.pidfd.reap() == nil {}
            return (process.startTime, again)
        }
        #expect(startTime != nil && startTime == again)
    }

    @Test func theLifelineEndsWithTheSpawner() async throws {
        // The loop's thread, and so the parent of the child in the kernel's eyes, lives on.
        var shortLived: Spawner? = try Spawner()
        var request = SpawnRequest.shell("echo up; cat <&3; echo alone")
        request.parentDeathSignal = nil
        let child = try await SupervisedChild.start(
            request, by: try #require(shortLived), on: loop)
        _ = try await child.ring.nextLines(after: 0)
        shortLived = nil
        #expect(await child.output() == ["up", "alone"])
    }

    @Test func theChildEndsWithTheThreadThatStartedIt() async throws {
        let thread = try EventLoop(name: "short-lived")
        let spawner = spawner
        let pid = try await thread.run { try spawner.spawn(.shell("exec sleep 600")).pid }
        let pidfd = try PidFD(pid: pid)
        thread.stop()
        var poll = pollfd(fd: pidfd.descriptor.rawValue, events: Int16(POLLIN), revents: 0)
        #expect(Glibc.poll(&poll, 1, -1) == 1)
        #expect(try pidfd.reap() == .signalled(SIGKILL, dumpedCore: false))
    }
}

extension EventLoop {
    /// Runs a body on the loop's thread and waits for its result.
    fileprivate func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            execute { continuation.resume(with: Result(catching: body)) }
        }
    }
}

// MARK: Failures

extension SpawnerTests {
    private func failure(of request: SpawnRequest) -> SpawnError? {
        while true {
            do throws(SpawnError) {
                _ = try spawner.spawn(request)
                return nil
            } catch {
                // A child that another test is just starting still holds a file that was open for
                // writing when it was cloned.
                if error.code != ETXTBSY { return error }
            }
        }
    }

    @Test func aMissingProgramIsSaidToBeMissing() {
        let error = failure(of: SpawnRequest(executable: "/opt/nowhere/program"))
        #expect(error?.stage == .execute && error?.code == ENOENT)
        #expect(
            error?.description
                == "cannot execute /opt/nowhere/program: the directory /opt/nowhere does not exist; "
                + "install the program or name another in the agent's exec")
    }

    @Test func aFileThatIsNotExecutableSaysItsMode() throws {
        let program = try directory.file("program", "#!/bin/sh\n".utf8, mode: 0o644)
        let error = failure(of: SpawnRequest(executable: program))
        #expect(error?.code == EACCES)
        #expect(error?.diagnosis.reason.contains("(mode 0644, owner ") == true)
        #expect(error?.diagnosis.remedy == "run chmod a+x \(program)")
    }

    @Test(arguments: [
        (
            "#!/usr/bin/nothing-here\n",
            "/usr/bin/nothing-here cannot be executed: it does not exist"
        ),
        ("#!/bin/sh\r\n", "its #! line ends with a carriage return"),
        ("echo hello\n", "it is neither an ELF program nor a script with a #! line"),
        ("", "it is neither an ELF program nor a script with a #! line"),
    ])
    func aFileThatIsNoProgramSaysWhy(content: String, reason: String) throws {
        let program = try directory.file("program", content.utf8, mode: 0o755)
        let error = failure(of: SpawnRequest(executable: program))
        #expect(error?.stage == .execute)
        #expect(error?.diagnosis.reason.hasSuffix(reason) == true)
    }

    @Test func aProgramOfAnotherMachineSaysBoth() throws {
        var bytes = Array(try Data(contentsOf: URL(filePath: "/bin/true")))
        bytes[18] = ProgramFile.ownMachine == 40 ? 62 : 40
        let program = try directory.file("program", bytes, mode: 0o755)
        let error = failure(of: SpawnRequest(executable: program))
        let ours = ProgramFile.name(ofMachine: ProgramFile.ownMachine)
        #expect(
            error?.diagnosis.reason == "it is built for 32-bit ARM, and this machine is \(ours)")
    }

    @Test func aMissingLoaderIsNamed() throws {
        guard case .elf(_, let loader?) = ProgramFile(path: "/bin/true") else { return }
        let bytes = Array(try Data(contentsOf: URL(filePath: "/bin/true")))
        let position = try #require(Data(bytes).firstRange(of: Data(loader.utf8)))
        var changed = bytes
        changed[position.upperBound - 1] = UInt8(ascii: "x")
        let program = try directory.file("program", changed, mode: 0o755)
        let error = failure(of: SpawnRequest(executable: program))
        #expect(error?.diagnosis.reason.hasPrefix("its loader /") == true)
        #expect(error?.diagnosis.reason.hasSuffix(" cannot be executed: it does not exist") == true)
    }

    @Test func theWorkingDirectoryIsBlamedWhereItIsMissing() {
        var request = SpawnRequest.shell("exit 0")
        request.workingDirectory = "\(directory.path)/none"
        let error = failure(of: request)
        #expect(error?.stage == .workingDirectory)
        #expect(
            error?.description
                == "cannot enter the working directory of /bin/sh: the directory "
                + "\(directory.path)/none does not exist; correct the agent's working directory")
    }

    @Test func anOOMScoreOutOfRangeIsRefused() {
        var request = SpawnRequest.shell("exit 0")
        request.oomScoreAdjustment = 1_001
        #expect(failure(of: request)?.stage == .oomScore)
    }

    @Test(
        arguments: [
            { (request: inout SpawnRequest) in request.arguments.append("a\0b") },
            { $0.executable = "/bin/sh\0" },
            { $0.environment["A=B"] = "" },
            { $0.environment[""] = "" },
            { $0.listeningSockets = [.init(name: "a:b", descriptor: 0)] },
        ] as [@Sendable (inout SpawnRequest) -> Void])
    func whatWouldArriveChangedIsRefused(change: @Sendable (inout SpawnRequest) -> Void) {
        var request = SpawnRequest.shell("exit 0")
        change(&request)
        #expect(failure(of: request)?.stage == .request)
    }
}
