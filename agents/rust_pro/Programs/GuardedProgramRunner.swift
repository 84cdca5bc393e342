internal import AgentRuntime
private import Glibc
internal import LinuxIO
private import Subprocess
private import SystemPackage

/// Runs each program under a ``CallGuard``.
struct GuardedProgramRunner: ProgramRunning {
    /// The binary that the guards are made from: by default the running one, even where its file was replaced.
    var guardExecutable = "/proc/self/exe"
    /// Where programs are kept apart.
    var cgroups = ProgramCgroups.ofThisProcess

    /// How long a guard may take to end everything before it is killed itself; reached only where the kernel holds on
    /// to a process.
    private static let guardGrace: Swift.Duration = CallGuard.grace + .seconds(5)

    func run(
        _ program: Program, output: (ProgramStream, [UInt8]) async throws -> Void
    ) async throws -> ProgramEnd {
        try Task.checkCancellation()
        guard let cgroup = try makeCgroup() else {
            return try await run(program, in: nil, output: output)
        }
        let end: ProgramEnd
        do {
            end = try await run(program, in: cgroup, output: output)
        } catch {
            try await remove(cgroup, of: program)
            throw error
        }
        try await remove(cgroup, of: program)
        return end
    }

    private func makeCgroup() throws(OperationError) -> Cgroup? {
        do {
            return try cgroups.make()
        } catch {
            throw OperationError(
                .internal, "\(error); see that nothing else divides the agent's control group")
        }
    }

    private func remove(_ cgroup: Cgroup, of program: Program) async throws(OperationError) {
        do {
            try await cgroups.end(cgroup)
        } catch {
            throw OperationError(
                .internal,
                "cannot end all that \(program.commandLine) has started: \(error); see in /proc/PID/status what the "
                    + "processes in it wait for")
        }
    }

    /// Runs it where it is to be born.
    private func run(
        _ program: Program, in cgroup: Cgroup?,
        output: (ProgramStream, [UInt8]) async throws -> Void
    ) async throws -> ProgramEnd {
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .send(signal: .terminate, allowedDurationToNextStep: Self.guardGrace)
        ]
        let input = try InputFile(program.input)
        let end: ProgramEnd?
        do {
            end = try await runGuard(
                of: program, in: cgroup, options, input: input, output: output)
        } catch let error as SubprocessError {
            throw OperationError(
                .internal,
                "cannot run \(program.executable) in \(program.directory): its guard failed: \(error); see that the "
                    + "directory exists, and the agent's log")
        }
        // A cancelled call's output ends early, without an error.
        try Task.checkCancellation()
        guard let end else {
            throw OperationError(
                .internal,
                "cannot tell how \(program.executable) ended: its guard ended first; see the agent's log"
            )
        }
        return end
    }

    /// Starts a guard and follows it.
    ///
    /// - Returns: How the program ended; nil where the guard did not say.
    private func runGuard(
        of program: Program, in cgroup: Cgroup?, _ options: PlatformOptions,
        input: consuming InputFile,
        output: (ProgramStream, [UInt8]) async throws -> Void
    ) async throws -> ProgramEnd? {
        try await Subprocess.run(
            .path(FilePath(guardExecutable)),
            arguments: Arguments(
                executablePathOverride: CallGuard.processName,
                remainingValues: CallGuard.arguments(
                    for: program, agent: getpid(), cgroup: cgroup)),
            environment: .custom(
                Dictionary(
                    uniqueKeysWithValues: program.environment.map { (.init(stringLiteral: $0), $1) }
                )),
            workingDirectory: FilePath(program.directory),
            platformOptions: options,
            input: .fileDescriptor(
                FileDescriptor(rawValue: input.release()), closeAfterSpawningProcess: true),
            output: .sequence,
            // A guard that fails says so in the agent's log.
            error: .currentStandardError
        ) { guardian in
            try await follow(guardian.standardOutput, of: program, output: output)
        }.closureResult
    }

    /// Passes on what a guard reports.
    ///
    /// - Returns: How the program ended; nil where the report stops before that.
    private func follow(
        _ report: SubprocessOutputSequence, of program: Program,
        output: (ProgramStream, [UInt8]) async throws -> Void
    ) async throws -> ProgramEnd? {
        var decoder = GuardEventDecoder()
        var isOutOfTime = false
        for try await buffer in report {
            buffer.withUnsafeBytes { decoder.append($0) }
            while let event = decoder.next() {
                switch event {
                case .output(let stream, let bytes):
                    try await output(stream, bytes)
                case .outOfTime:
                    isOutOfTime = true
                case .ended where isOutOfTime:
                    throw OperationError(
                        .deadlineExceeded,
                        "cannot finish \(program.commandLine) within \(program.timeLimit): it was ended; "
                            + "give it more time or less to do")
                case .ended(let end):
                    return end
                case .failed(let operation, let code):
                    throw OperationError(
                        .failedPrecondition,
                        "cannot \(operation): \(String(cString: strerror(code))); "
                            + "see that the file can be executed")
                }
            }
        }
        return nil
    }
}

extension Program {
    /// For messages.
    fileprivate var commandLine: String {
        ([executable.split(separator: "/").last.map(String.init) ?? executable]
            + arguments.prefix(1))
            .joined(separator: " ")
    }
}
