internal import Glibc

/// A process that this one starts and does not look after.
enum Grandchild {
    /// Ignores SIGTERM, and hands that down to what it becomes (execve(2)).
    private static let deaf = "trap '' TERM HUP; echo $$; exec sleep 1000000"

    /// Starts one that ignores SIGTERM.
    ///
    /// - Parameter detached: Whether it has a session of its own, no parent that knows it, and nothing in its environment
    ///   that says whose it is; else it is in the process group of this process.
    /// - Returns: Its pid.
    /// - Throws: Why it did not start.
    static func leave(detached: Bool) throws(SpawnFailure) -> pid_t {
        // The shell between ends at once, so that the process is nobody's child.
        let script = detached ? "env -i PATH=\"$PATH\" setsid sh -c \"$1\" &" : deaf
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SpawnFailure(code: errno) }
        defer { close(ends[0]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        let shell = Result { () throws(SpawnFailure) in
            try spawn(["/bin/sh", "-c", script, "sh", deaf], &actions)
        }
        close(ends[1])
        let pid = try shell.get()
        let announced = firstLine(from: ends[0])
        if detached { waitpid(pid, nil, 0) }
        return pid_t(announced) ?? pid
    }

    /// Starts processes that end at once and are not waited for.
    static func leaveZombies(_ count: Int) throws(SpawnFailure) {
        for _ in 0..<count {
            let pid = try spawn(["/bin/true"], nil)
            // Returns when it has ended, and leaves it as it is.
            var information = siginfo_t()
            waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT)
        }
    }

    private static func spawn(
        _ words: [String], _ actions: UnsafePointer<posix_spawn_file_actions_t>?
    ) throws(SpawnFailure) -> pid_t {
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, words[0], actions, nil, arguments, environ)
        guard code == 0 else { throw SpawnFailure(code: code) }
        return pid
    }

    private static func firstLine(from descriptor: CInt) -> String {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while read(descriptor, &byte, 1) == 1, byte != UInt8(ascii: "\n") { bytes.append(byte) }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A process that did not start.
struct SpawnFailure: Error, CustomStringConvertible {
    let code: CInt

    var description: String { "cannot start a process: \(String(cString: strerror(code)))" }
}
