package import Glibc
package import LinuxIO

/// A running child: sees its end, ends it, and reaps it.
///
/// Belongs to the event loop's thread.
///
/// When the leader has ended, by whatever cause, the rest of its process group and cgroup gets
/// SIGKILL first and the leader is reaped after that: an unreaped leader keeps the group's number
/// from being given to somebody else. The end is reported when the group is gone.
package final class ExitWatcher {
    /// The child's, and its process group's.
    package let pid: pid_t

    private enum Phase {
        case running(Watch)
        /// Reaped; members of its group are still dying.
        case ending
        case ended
    }

    /// How long members of the group may take to vanish after SIGKILL.
    ///
    /// One that waits for a dead disk takes longer.
    private static let groupEndLimit = Duration.seconds(1)
    private static let groupEndFirstLook = Duration.milliseconds(1)
    private static let groupEndThoroughLook = Duration.milliseconds(8)

    private let pidfd: PidFD
    private let cgroup: Cgroup?
    private let loop: EventLoop
    private let onExit: (ProcessExit) -> Void
    private var phase = Phase.ended
    private var group: ProcessGroup { ProcessGroup(id: pid) }

    /// Watches a child from now on; it may have ended already.
    ///
    /// - Parameters:
    ///   - pidfd: The child's, which nobody else reaps.
    ///   - pid: The child's, which leads a process group of its own.
    ///   - cgroup: Holds the child and its descendants alone; nil where there is none.
    ///   - loop: The calling thread's event loop.
    ///   - onExit: Called once, from a later turn of the loop, when the child and its group have
    ///     ended.
    /// - Throws: ``SystemError`` where the pidfd cannot be watched; then the child has been killed.
    package init(
        _ pidfd: consuming PidFD, pid: pid_t, cgroup: Cgroup? = nil,
        on loop: EventLoop, onExit: @escaping (ProcessExit) -> Void
    ) throws(SystemError) {
        self.pid = pid
        self.pidfd = pidfd
        self.cgroup = cgroup
        self.loop = loop
        self.onExit = onExit
        do {
            // The watch keeps this object alive until the child has ended.
            phase = .running(
                try loop.watch(self.pidfd.descriptor.rawValue, for: .readable) { _ in
                    self.leaderEnded()
                })
        } catch {
            killGroup()
            throw error
        }
    }

    /// Sends a signal to the leader alone; does nothing once it has ended.
    ///
    /// - Parameter signal: A number from signal(7).
    /// - Throws: ``SystemError``, EPERM where the child has become another user.
    package func send(signal: CInt) throws(SystemError) {
        guard case .running = phase else { return }
        try pidfd.send(signal: signal)
    }

    /// Ends the child with everything in its process group and cgroup; does nothing once it has
    /// ended.
    package func kill() {
        guard case .running = phase else { return }
        killGroup()
    }

    private func killGroup() {
        try? cgroup?.kill()
        // Where there is no cgroup, or a kernel before 5.14.
        group.kill()
    }

    private func leaderEnded() {
        guard case .running(let watch) = phase else { return }
        killGroup()
        let exit: ProcessExit
        do {
            guard let reaped = try pidfd.reap() else { return }
            exit = reaped
        } catch {
            // ECHILD: somebody else in this process has reaped it.
            exit = .unknown
        }
        watch.cancel()
        phase = .ending
        awaitGroupEnd(exit, until: .now + Self.groupEndLimit, nextLook: Self.groupEndFirstLook)
    }

    /// Looks, ever less often, until every member of the group has ended.
    private func awaitGroupEnd(
        _ exit: ProcessExit, until deadline: MonotonicInstant, nextLook: Duration
    ) {
        // Where PID 1 does not reap, as in many containers, ended members stay. The costly look for
        // them comes when the cheap ones have failed for long enough.
        let isGone =
            !group.exists || (nextLook >= Self.groupEndThoroughLook && !group.isRunning)
        guard !isGone, MonotonicInstant.now < deadline else {
            phase = .ended
            onExit(exit)
            return
        }
        loop.schedule(after: nextLook) {
            self.awaitGroupEnd(exit, until: deadline, nextLook: nextLook * 2)
        }
    }
}
