internal import AgentManifest

/// How a process ended.
package enum ExitStatus: Hashable, Sendable {
    /// It exited by itself.
    case exited(code: Int32)
    /// A signal ended it.
    case signaled(Int32)
    /// The kernel killed it when it used more than its own limit, which that key of the configuration sets.
    case overMemoryLimit(bytes: Int, key: String)
    /// The kernel killed it when memory ran out around it.
    case outOfMemory
    /// It ended, and how is not known.
    case unknown
}

extension ExitStatus: CustomStringConvertible {
    /// Such as `exited with code 1` and `killed by SIGSEGV`.
    package var description: String {
        switch self {
        case .exited(let code): "exited with code \(code)"
        case .signaled(let signal):
            "killed by \(Self.signalNames[signal] ?? "signal \(signal)")"
        case .overMemoryLimit(let bytes, let key):
            """
            killed by SIGKILL: it used more than its memory limit of \(ByteCountText.text(bytes)); \
            raise \(key)
            """
        case .outOfMemory:
            """
            killed by SIGKILL: the memory of this machine, or of the supervisor's service, ran out; \
            free some or raise the service's MemoryMax=
            """
        case .unknown: "ended with an unknown status"
        }
    }

    /// The signals that end programs, as Linux numbers them on the architectures that Swift runs on (signal(7)).
    private static let signalNames: [Int32: String] = [
        1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT",
        7: "SIGBUS", 8: "SIGFPE", 9: "SIGKILL", 11: "SIGSEGV", 13: "SIGPIPE", 14: "SIGALRM",
        15: "SIGTERM", 24: "SIGXCPU", 25: "SIGXFSZ", 31: "SIGSYS",
    ]
}
