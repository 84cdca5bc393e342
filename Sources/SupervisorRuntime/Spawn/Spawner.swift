internal import CProcess
internal import Glibc
package import LinuxIO

/// Starts programs: with clone and exec, or by a script in tests.
package protocol Spawning: Sendable {
    /// Starts a program as the leader of a process group of its own and returns once it executes.
    ///
    /// Belongs on a thread that lives as long as the child may, like the event loop's, since the
    /// kernel sends the parent-death signal when the *thread* ends. Blocks for about a millisecond.
    ///
    /// - Throws: ``SpawnError`` that says the stage and a diagnosis; then no child is left.
    func spawn(_ request: SpawnRequest) throws(SpawnError) -> SpawnedProcess
}

/// Starts programs in child processes.
///
/// All children share one lifeline: a pipe of which this spawner alone holds the writing end and
/// never writes. Who reads its end, whose number is in `OP_LIFELINE_FD`, sees that the supervisor has
/// gone, however it went. It is for those who do not get the parent-death signal, which the kernel
/// takes back from a program with other credentials (`setpriv`, `runuser`, file capabilities).
package final class Spawner: Spawning {
    static let lifelineVariable = "OP_LIFELINE_FD"

    /// What the child overwrites with its pid: the C code asks for ten characters.
    private static let listenPIDEntry = "LISTEN_PID=0000000000"
    private static let firstListeningDescriptor = 3

    private let lifeline: Pipe

    /// A spawner with a lifeline of its own: it must live as long as its children shall.
    ///
    /// - Throws: ``SystemError`` where descriptors have run out.
    package init() throws(SystemError) {
        lifeline = try Pipe()
    }

    package func spawn(_ request: SpawnRequest) throws(SpawnError) -> SpawnedProcess {
        guard Self.isValid(request) else { throw SpawnError(request, .request, EINVAL) }
        let output = try Self.makeOutputPipe(for: request)
        let error = try Self.makeOutputPipe(for: request)
        let descriptors =
            [-1, output.writingEnd.rawValue, error.writingEnd.rawValue]
            + request.listeningSockets.map(\.descriptor) + [lifeline.readingEnd.rawValue]

        let result = Self.start(request, descriptors)
        if let stage = SpawnError.Stage(result.stage) {
            throw SpawnError(request, stage, result.error)
        }
        return SpawnedProcess(
            pid: result.pid, pidfd: PidFD(owning: OwnedDescriptor(owning: result.pidfd)),
            standardOutput: output.takeReadingEnd(), standardError: error.takeReadingEnd(),
            startTime: ProcessStat(pid: result.pid)?.startTime)
    }

    private static func makeOutputPipe(for request: SpawnRequest) throws(SpawnError) -> Pipe {
        do {
            let pipe = try Pipe()
            try pipe.makeReadingEndNonBlocking()
            return pipe
        } catch {
            throw SpawnError(request, .pipes, error.code)
        }
    }

    private static func start(_ request: SpawnRequest, _ descriptors: [CInt]) -> process_result {
        let arguments = CStringArray([request.executable] + request.arguments)
        let environment = CStringArray(entries(for: request))
        let limits = request.limits.map {
            process_limit(resource: $0.resource, maximum: rlim_t($0.maximum))
        }
        return withOptionalCString(request.workingDirectory) { workingDirectory in
            withOptionalPointer(request.oomScoreAdjustment) { oomScoreAdjustment in
                request.executable.withCString { executable in
                    descriptors.withUnsafeBufferPointer { descriptors in
                        limits.withUnsafeBufferPointer { limits in
                            var form = process_request()
                            form.executable = executable
                            form.arguments = arguments.baseAddress.map { UnsafePointer($0) }
                            form.environment = environment.baseAddress.map { UnsafePointer($0) }
                            form.working_directory = workingDirectory
                            form.descriptors = descriptors.baseAddress
                            form.descriptor_count = descriptors.count
                            form.limits = limits.baseAddress
                            form.limit_count = limits.count
                            form.oom_score_adjustment = oomScoreAdjustment
                            form.umask = request.umask
                            form.cgroup = request.cgroup?.directory.rawValue ?? -1
                            form.parent_death_signal = request.parentDeathSignal ?? 0
                            return process_spawn(&form)
                        }
                    }
                }
            }
        }
    }

    /// The child's environment with what it is told about the descriptors that it gets.
    private static func entries(for request: SpawnRequest) -> [String] {
        let sockets = request.listeningSockets
        let ours = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", lifelineVariable]
        var entries = request.environment
            .filter { !ours.contains($0.key) }
            .map { "\($0.key)=\($0.value)" }
            .sorted()
        entries.append("\(lifelineVariable)=\(firstListeningDescriptor + sockets.count)")
        if !sockets.isEmpty {
            entries.append("LISTEN_FDS=\(sockets.count)")
            entries.append("LISTEN_FDNAMES=\(sockets.map(\.name).joined(separator: ":"))")
            entries.append(listenPIDEntry)
        }
        return entries
    }

    /// Whether everything arrives as it is meant: a zero byte would end a string early, a colon
    /// would begin another name.
    private static func isValid(_ request: SpawnRequest) -> Bool {
        let strings =
            [request.executable, request.workingDirectory ?? ""] + request.arguments
            + request.environment.keys + request.environment.values
        return strings.allSatisfy { !$0.utf8.contains(0) }
            && request.environment.keys.allSatisfy {
                !$0.isEmpty && !$0.utf8.contains(UInt8(ascii: "="))
            }
            && request.listeningSockets.allSatisfy { socket in
                socket.name.utf8.allSatisfy { (0x21...0x7e) ~= $0 && $0 != UInt8(ascii: ":") }
            }
    }
}

private func withOptionalCString<Result>(
    _ string: String?, _ body: (UnsafePointer<CChar>?) -> Result
) -> Result {
    guard let string else { return body(nil) }
    return string.withCString(body)
}

private func withOptionalPointer<Value, Result>(
    _ value: Value?, _ body: (UnsafePointer<Value>?) -> Result
) -> Result {
    guard let value else { return body(nil) }
    return withUnsafePointer(to: value) { body($0) }
}
