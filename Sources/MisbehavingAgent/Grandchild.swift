private import Glibc

/// A process that outlives its parent and ignores SIGTERM.
enum Grandchild {
    /// Starts one in the process group of this process; its pid is printed on standard output.
    static func leave() throws(SpawnFailure) {
        let words = ["sh", "-c", "trap '' TERM; while :; do sleep 3600; done"]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, "/bin/sh", nil, nil, arguments, environ)
        guard code == 0 else { throw SpawnFailure(code: code) }
        print("grandchild \(pid)")
        fflush(nil)
    }
}

/// The grandchild did not start.
struct SpawnFailure: Error, CustomStringConvertible {
    let code: CInt

    var description: String { "cannot start /bin/sh: \(String(cString: strerror(code)))" }
}
