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
    /// - Parameter command: The path of the program, and its arguments.
    /// - Throws: What the system says where it cannot be started.
    init(starting command: [String]) throws(SystemError) {
        let outputs = try Self.makePipe()
        let errors = try Self.makePipe()

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, outputs.writer.rawValue, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errors.writer.rawValue, STDERR_FILENO)

        // The guard blocks and ignores signals; the program starts as from a shell.
        var everySignal = sigset_t()
        var noSignal = sigset_t()
        sigfillset(&everySignal)
        sigemptyset(&noSignal)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setsigdefault(&attributes, &everySignal)
        posix_spawnattr_setsigmask(&attributes, &noSignal)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, command[0], &actions, &attributes, arguments, environ)
        guard code == 0 else { throw SystemError("start \(command[0])", code: code) }
        self.pid = pid
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
