private import FoundationEssentials
package import Glibc
package import LinuxIO
package import Logging

/// Reaps processes whose agents have left them behind, and ends those whose agents have ended.
///
/// The supervisor is the reaper of its descendants (PR_SET_CHILD_SUBREAPER): when a process below an
/// agent ends, what it had started becomes a child of the supervisor, which knows it by not having
/// started it. Belongs to the event loop's thread, where children are started too: so a child that is
/// just being started is never taken for an orphan.
package final class OrphanReaper: @unchecked Sendable {
    // Sendable because all that changes is used on the loop's thread alone, which every method checks.

    /// How long killed orphans may take to be gone; one that waits for a dead disk takes longer.
    private static let limit = Duration.seconds(2)

    /// What goes on after the end of an instance until nothing of it is left.
    private final class Sweep {
        let ended: InstanceMark
        let onEnd: () -> Void
        var timer: LoopTimer?

        init(after ended: InstanceMark, onEnd: @escaping () -> Void) {
            self.ended = ended
            self.onEnd = onEnd
        }
    }

    private let loop: EventLoop
    private let logger: Logger
    /// Children that this process had before it started any.
    private var strangers: Set<pid_t>
    /// The leaders that run, or whose end has not been reported.
    private var instances: [pid_t: InstanceMark] = [:]
    private var sweeps: [Sweep] = []

    /// Prepares to reap.
    ///
    /// - Parameters:
    ///   - strangers: Children that are not to be killed: those that the process had when it began.
    ///   - loop: The loop that children are started on.
    ///   - logger: Is told of orphans that do not go.
    package init(sparing strangers: [pid_t], on loop: EventLoop, logger: Logger) {
        self.strangers = Set(strangers)
        self.loop = loop
        self.logger = logger
    }

    /// Takes note of a child that has its own watcher.
    func add(_ mark: InstanceMark, pid: pid_t) {
        loop.assertCurrent()
        instances[pid] = mark
    }

    /// Forgets a child that its watcher does not take after all.
    func remove(_ pid: pid_t) {
        loop.assertCurrent()
        instances[pid] = nil
    }

    /// Ends what an instance has left behind.
    ///
    /// - Parameters:
    ///   - pid: The instance's leader, which has been reaped.
    ///   - onEnd: Called once, when nothing is left or what is left does not go.
    func sweep(after pid: pid_t, onEnd: @escaping () -> Void) {
        loop.assertCurrent()
        guard let mark = instances.removeValue(forKey: pid) else { return onEnd() }
        let sweep = Sweep(after: mark, onEnd: onEnd)
        sweep.timer = loop.schedule(after: Self.limit) { self.giveUp(sweep) }
        sweeps.append(sweep)
        look()
    }

    /// Reaps the orphans that have ended; to be called for every SIGCHLD.
    package func childEnded() {
        loop.assertCurrent()
        look()
    }

    /// Reaps, and kills where a sweep goes on: what dies makes orphans of its own children, which have
    /// their turn at its SIGCHLD.
    private func look() {
        var reapsSome = false
        var killsSome = false
        for pid in Self.children() where instances[pid] == nil {
            if waitpid(pid, nil, WNOHANG) == pid {
                strangers.remove(pid)
                reapsSome = true
            } else if !sweeps.isEmpty, !isSpared(pid) {
                kill(pid, SIGKILL)
                killsSome = true
            }
        }
        guard !sweeps.isEmpty else { return }
        if reapsSome {
            // What it left behind may have come after the list was made.
            loop.schedule(after: .zero) { self.look() }
        } else if !killsSome {
            let over = sweeps
            sweeps = []
            for sweep in over {
                sweep.timer?.cancel()
                sweep.onEnd()
            }
        }
    }

    private func giveUp(_ sweep: Sweep) {
        guard let index = sweeps.firstIndex(where: { $0 === sweep }) else { return }
        let left = Self.children().filter { instances[$0] == nil && !isSpared($0) }
        logger.error(
            """
            cannot end what the instance \(sweep.ended) left behind: still there \(Self.limit) after \
            SIGKILL are the processes \(left.map(String.init).joined(separator: ", ")); see in \
            /proc/PID/status what they wait for and whose they are
            """)
        sweeps.remove(at: index)
        sweep.onEnd()
    }

    /// Whether an orphan is none of ours, or belongs to an instance that runs.
    ///
    /// One without a mark has lost it: the programs of an agent that clears their environment.
    private func isSpared(_ pid: pid_t) -> Bool {
        if strangers.contains(pid) { return true }
        guard let mark = InstanceMark(of: pid) else { return false }
        return instances.values.contains(mark)
    }

    /// The children of all threads of this process (proc(5), /proc/pid/task/tid/children).
    static func children() -> [pid_t] {
        let tasks = "/proc/self/task"
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []
        return threads.flatMap { thread in
            ProcFile.text("\(tasks)/\(thread)/children")
                .split(separator: " ").compactMap { pid_t($0) }
        }
    }
}
