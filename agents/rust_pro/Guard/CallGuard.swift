internal import Glibc
internal import LinuxIO

/// Runs one program for the agent, and answers for everything that the program starts.
///
/// A guard is a process of its own between the agent and the program, made from the agent's own binary. It inherits
/// the orphans among the program's descendants, so none gets away by a session or process group of its own, and it
/// ends only when none is left; where the agent has a control group to divide, the program has one of its own in it, which
/// is killed as a whole. So it goes when the program has ended or runs out of time, when the agent asks for it (SIGTERM),
/// and when the agent dies, in whatever way. What the program writes goes to the agent as ``GuardEvent``s on standard
/// output.
///
/// One thread, blocking: nothing of the agent runs in here.
struct CallGuard: ~Copyable {
    /// What a guard is called in a process list.
    static let processName = "op-agent-guard"

    private static let flag = "--guard-one-program"

    /// How long a program that is told to end may take, until it and its descendants are killed.
    static let grace: Duration = .seconds(2)

    /// The capacity of a pipe (pipe(7)).
    private static let readLength = 64 * 1024
    /// Reads of stdout in a row, so that a program that never pauses does not keep stderr from being heard.
    private static let mostReads = 4

    private let signals: SignalFD
    private let agent: PidFD
    private let timeLimit: MonotonicInstant
    private var program: GuardedProgram
    /// Holds the program and what it starts; nil where there is none.
    private let cgroup: Cgroup?
    private var end: ProgramEnd?
    private var outbox = GuardOutbox()
    /// When the program and its descendants are killed; nil where they need not end.
    private var deadline: MonotonicInstant?

    /// A guard's command line.
    ///
    /// - Parameters:
    ///   - program: What to run; its environment, directory and input are the guard's own.
    ///   - agent: The pid of the process that starts the guard.
    ///   - cgroup: What the program is to be born in alone; nil where there is none.
    /// - Returns: The arguments after the binary's name.
    static func arguments(for program: Program, agent: pid_t, cgroup: Cgroup?) -> [String] {
        let limit = Int64(program.timeLimit / .milliseconds(1))
        return [flag, "\(agent)", "\(limit)", cgroup?.path ?? "", program.executable]
            + program.arguments
    }

    /// Whether a command line asks for a guard instead of an agent.
    ///
    /// - Parameter commandLine: All of it, the binary's own name first.
    /// - Returns: True for a guard's.
    static func isAsked(by commandLine: [String]) -> Bool {
        commandLine.dropFirst().first == flag
    }

    /// Runs the guard that a command line asks for.
    ///
    /// - Parameter commandLine: All of it, the binary's own name first.
    /// - Returns: The exit code of the guard itself; how the program ended went to the agent.
    static func run(_ commandLine: [String]) -> CInt {
        guard
            commandLine.count > 5, let agent = pid_t(commandLine[2]),
            let milliseconds = Int64(commandLine[3])
        else { return EX_USAGE }
        do throws(SystemError) {
            var guardian = try CallGuard(
                agent: agent, timeLimit: .now + .milliseconds(milliseconds),
                cgroup: commandLine[4].isEmpty ? nil : try Cgroup(path: commandLine[4]),
                command: Array(commandLine.dropFirst(5)))
            guardian.watch()
            return EX_OK
        } catch {
            var outbox = GuardOutbox()
            outbox.append(.failed(operation: error.operation, code: error.code))
            outbox.flush()
            return EX_OSERR
        }
    }

    private init(
        agent pid: pid_t, timeLimit: MonotonicInstant, cgroup: Cgroup?, command: [String]
    ) throws(SystemError) {
        let handled = [SIGCHLD, SIGTERM, SIGINT, SIGHUP]
        SignalFD.block(handled)
        // The agent may be gone when it is written to.
        signal(SIGPIPE, SIG_IGN)
        let signals = try SignalFD(handled)
        let agent = try PidFD(pid: pid)
        // The pid is the agent's only if it still is the parent's.
        guard getppid() == pid else { throw SystemError("serve agent \(pid)", code: ESRCH) }
        try ChildSubreaper.enable()
        ProgramLimits.apply()
        let program = try GuardedProgram(starting: command, in: cgroup)
        self.signals = signals
        self.agent = agent
        self.timeLimit = timeLimit
        self.program = program
        self.cgroup = cgroup
    }

    private mutating func watch() {
        while true {
            let hasChildren = reap()
            if end != nil, !hasChildren { break }
            if end == nil, deadline == nil, timeLimit <= .now {
                outbox.append(.outOfTime)
                stop()
            }
            if mustKill { killAll() }
            wait()
            relayOutput()
        }
        // Everybody who could write is gone: what the pipes hold now is all there is.
        while relayOutput() || outbox.isFull {
            if outbox.isFull { wait() }
        }
        guard let end else { return }
        outbox.append(.ended(end))
        while !outbox.isEmpty { wait() }
    }

    /// Reaps who has ended.
    ///
    /// - Returns: Whether children are left.
    private mutating func reap() -> Bool {
        while true {
            var status: CInt = 0
            let pid = waitpid(-1, &status, WNOHANG)
            if pid < 0, errno == EINTR { continue }
            guard pid > 0 else { return pid == 0 }
            guard pid == program.pid else { continue }
            let signal = status & 0x7f
            end = signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
        }
    }

    /// What is left is killed when the program has ended by itself, or has been told to and did not in time.
    private var mustKill: Bool {
        if end != nil { return true }
        guard let deadline else { return false }
        return deadline <= .now
    }

    /// Kills the children; theirs become children by that, and have their turn when those are reaped.
    private func killAll() {
        // Reaches what has left the group and is nobody's child yet. Before Linux 5.14 there is no such file.
        try? cgroup?.kill()
        if end == nil { program.signalGroup(SIGKILL) }
        for child in DirectChildren.list() { kill(child, SIGKILL) }
    }

    /// Tells the program and its descendants to end.
    private mutating func stop() {
        guard deadline == nil, end == nil else { return }
        deadline = .now + Self.grace
        program.signalGroup(SIGTERM)
        for child in DirectChildren.list() where child != program.pid { kill(child, SIGTERM) }
    }

    /// Waits until something happens, takes in the signals, and lets the outbox go on.
    private mutating func wait() {
        // A negative descriptor is not watched (poll(2)).
        let takesOutput = !outbox.isFull
        var watched = [
            pollfd(signals.descriptor.rawValue, POLLIN),
            pollfd(outbox.isAbandoned ? -1 : agent.descriptor.rawValue, POLLIN),
            pollfd(outbox.isEmpty ? -1 : STDOUT_FILENO, POLLOUT),
            pollfd(takesOutput ? program.stdout?.rawValue ?? -1 : -1, POLLIN),
            pollfd(takesOutput ? program.stderr?.rawValue ?? -1 : -1, POLLIN),
        ]
        _ = poll(&watched, nfds_t(watched.count), timeout)
        while let signal = signals.read() {
            if signal != SIGCHLD { outbox.abandon() }
        }
        if watched[1].revents != 0 { outbox.abandon() }
        outbox.flush()
        if outbox.isAbandoned { stop() }
    }

    /// Milliseconds until there is something to do without an event.
    private var timeout: CInt {
        if mustKill { return 50 }
        return CInt((deadline ?? timeLimit).since(.now) / .milliseconds(1)) + 1
    }

    /// Passes on what the program has written.
    ///
    /// Who reads two pipes can see a later write first. Here what was written to stdout before something on stderr also
    /// arrives before it, so cargo's messages stay in their order: stderr is read first, then all that stdout holds,
    /// and stdout is sent first.
    ///
    /// - Returns: Whether there was something.
    @discardableResult
    private mutating func relayOutput() -> Bool {
        guard !outbox.isFull else { return false }
        let errors = Self.read(&program.stderr)
        var outputs = 0
        while outputs < Self.mostReads, let output = Self.read(&program.stdout) {
            outbox.append(.output(.stdout, output))
            outputs += 1
        }
        if let errors { outbox.append(.output(.stderr, errors)) }
        outbox.flush()
        return errors != nil || outputs > 0
    }

    /// Reads what a pipe holds, as far as a pipe's usual capacity; nil for nothing.
    private static func read(_ pipe: inout OwnedDescriptor?) -> [UInt8]? {
        guard let descriptor = pipe?.rawValue else { return nil }
        var result = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: readLength) { buffer, count in
            result = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            count = max(0, result)
        }
        if result == 0 { pipe = nil }
        return bytes.isEmpty ? nil : bytes
    }
}

extension pollfd {
    fileprivate init(_ descriptor: CInt, _ events: CInt) {
        self.init(fd: descriptor, events: Int16(events), revents: 0)
    }
}
