private import Glibc
internal import LinuxIO
internal import Supervision

extension ChildProcess: AgentInstance {
    package func terminate() {
        // Fails only for a child that has become another user; the end of its grace is the answer.
        try? send(signal: SIGTERM)
    }
}

extension ExitStatus {
    /// Takes over how a process ended.
    init(_ exit: ProcessExit) {
        self =
            switch exit {
            case .exited(let code): .exited(code: code)
            case .signalled(let signal, _): .signaled(signal)
            case .unknown: .unknown
            }
    }
}
