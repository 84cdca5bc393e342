internal import AgentManifest
private import Glibc
internal import LinuxIO
internal import Logging
internal import Supervision

/// A child process of an agent: its output is relayed, and its end is reported when it and its group are
/// gone and its last lines have been read.
final class ProcessInstance: AgentInstance {
    let pid: Int32

    /// How long a grandchild that outlived the process may keep its output open.
    private static let drainLimit: Duration = .milliseconds(200)

    private let watcher: ExitWatcher
    private let logger: Logger

    /// Takes charge of a child.
    ///
    /// - Throws: ``SystemError`` where it cannot be watched; then it has been killed.
    init(
        _ process: consuming SpawnedProcess, of plan: InstancePlan, into sink: any OutputSink,
        on loop: EventLoop, logger: Logger, onEnd: @escaping (ExitStatus) -> Void
    ) throws(SystemError) {
        let pid = process.pid
        self.pid = pid
        self.logger = logger
        let relay = try OutputRelay(
            agent: plan.manifest.id.rawValue, pid: pid, standardOutput: process.standardOutput,
            standardError: process.standardError, into: plan.output, and: sink, on: loop)
        watcher = try ExitWatcher(process.pidfd, pid: pid, on: loop) { exit in
            relay.drain(within: Self.drainLimit) { onEnd(ExitStatus(exit)) }
        }
    }

    func terminate() {
        do {
            try watcher.send(signal: SIGTERM)
        } catch {
            logger.warning("\(error)", metadata: ["pid": "\(pid)"])
        }
    }

    func kill() { watcher.kill() }
}

extension ExitStatus {
    /// Takes over how a process ended.
    init(_ exit: ProcessExit) {
        self =
            switch exit {
            case .exited(let code): .exited(code: code)
            case .signalled(let signal, _): .signaled(signal)
            }
    }
}
