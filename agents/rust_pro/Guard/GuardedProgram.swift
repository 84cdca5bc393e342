private import CProcess
internal import Glibc
internal import LinuxIO

/// The program that a guard runs: started in a process group of its own, with pipes as stdout and stderr.
struct GuardedProgram: ~Copyable {
    /// The leader of the process group; until it is reaped the number means nobody else.
    let pid: pid_t
    /// What it writes, non-blocking; nil once everybody has closed the other end.
    var stdout: OwnedDescriptor?
    var stderr: OwnedDescriptor?

    /// Starts it with the guard's own environment, working directory and standard input.
    ///
    /// It dies with the guard: nobody else would end it.
    ///
    /// - Parameters:
    ///   - command: The path of the program, and its arguments.
    ///   - cgroup: What it is born in; nil for the guard's own.
    /// - Throws: What the system says where it cannot be started.
    init(starting command: [String], in cgroup: Cgroup?) throws(SystemError) {
        let outputs = try Self.makePipe()
        let errors = try Self.makePipe()
        let descriptors = [STDIN_FILENO, outputs.writer.rawValue, errors.writer.rawValue]
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        // It stands for descriptors that are passed on, and none are.
        unsetenv("LISTEN_PID")
        let mask = umask(0)
        umask(mask)

        let result = descriptors.withUnsafeBufferPointer { descriptors in
            arguments.withUnsafeBufferPointer { arguments in
                var request = process_request()
                request.executable = arguments.first.flatMap { UnsafePointer($0) }
                request.arguments = arguments.baseAddress
                request.environment = UnsafePointer(environ)
                request.descriptors = descriptors.baseAddress
                request.descriptor_count = descriptors.count
                request.umask = mask
                request.cgroup = cgroup?.directory.rawValue ?? -1
                request.parent_death_signal = SIGKILL
                return process_spawn(&request)
            }
        }
        guard result.stage == .PROCESS_STAGE_STARTED else {
            throw SystemError("start \(command[0])", code: result.error)
        }
        // The guard goes by its signals and waits for every child.
        close(result.pidfd)
        pid = result.pid
        stdout = consume outputs.reader
        stderr = consume errors.reader
    }

    /// Sends a signal to the program's process group; only while the program is not reaped.
    func signalGroup(_ signal: CInt) {
        kill(-pid, signal)
    }

    private static func makePipe() throws(SystemError) -> PipeEnds {
        var numbers: (CInt, CInt) = (-1, -1)
        let result = withUnsafeMutableBytes(of: &numbers) { numbers in
            pipe(numbers.baseAddress?.assumingMemoryBound(to: CInt.self))
        }
        guard result == 0 else { throw SystemError("create a pipe") }
        // The guard has one thread, so nobody is spawned before the flags are set.
        _ = fcntl(numbers.0, F_SETFD, FD_CLOEXEC)
        _ = fcntl(numbers.1, F_SETFD, FD_CLOEXEC)
        _ = fcntl(numbers.0, F_SETFL, O_NONBLOCK)
        return PipeEnds(
            reader: OwnedDescriptor(owning: numbers.0), writer: OwnedDescriptor(owning: numbers.1))
    }
}

/// The two ends of a pipe.
private struct PipeEnds: ~Copyable {
    let reader: OwnedDescriptor
    let writer: OwnedDescriptor
}
