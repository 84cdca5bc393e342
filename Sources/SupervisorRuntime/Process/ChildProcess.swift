package import Glibc
package import LinuxIO

/// A started child with what reads its output and waits for its end.
///
/// Belongs to the event loop's thread, and lives until the child has ended.
package final class ChildProcess {
    /// Also the number of its process group.
    package let pid: pid_t
    /// See ``SpawnedProcess/startTime``.
    package let startTime: UInt64?

    /// How long output is read after the end while some stray descendant holds the pipes.
    private static let drainLimit = Duration.milliseconds(250)

    private let watcher: ExitWatcher

    /// Takes charge of a child.
    ///
    /// - Parameters:
    ///   - process: What a spawner returned, on this thread.
    ///   - agent: The agent's id.
    ///   - cgroup: What the child was born in alone, if anything.
    ///   - ring: Keeps the lines that it writes.
    ///   - sink: Gets them too.
    ///   - limit: How many lines it may write.
    ///   - loop: The calling thread's event loop.
    ///   - onExit: Called once, from a later turn of the loop: when the child has ended, its
    ///     process group is gone, and all of its output has been relayed.
    /// - Throws: ``SystemError`` where its descriptors cannot be watched; then it has been killed,
    ///   and `onExit` is not called.
    package init(
        _ process: consuming SpawnedProcess, of agent: String, in cgroup: Cgroup? = nil,
        into ring: OutputRing, and sink: any OutputSink, limit: LineRateLimit = LineRateLimit(),
        on loop: EventLoop, onExit: @escaping (ProcessExit) -> Void
    ) throws(SystemError) {
        pid = process.pid
        startTime = process.startTime
        var relay: OutputRelay?
        watcher = try ExitWatcher(process.pidfd, pid: pid, cgroup: cgroup, on: loop) { exit in
            relay?.drain(within: Self.drainLimit) { onExit(exit) }
        }
        do {
            relay = try OutputRelay(
                agent: agent, pid: pid, standardOutput: process.standardOutput,
                standardError: process.standardError, into: ring, and: sink, limit: limit, on: loop)
        } catch {
            watcher.kill()
            throw error
        }
    }

    /// Sends a signal to the child alone, not to its group; does nothing once it has ended.
    ///
    /// - Parameter signal: A number from signal(7): SIGTERM asks it to drain.
    /// - Throws: ``SystemError``, EPERM where the child has become another user.
    package func send(signal: CInt) throws(SystemError) { try watcher.send(signal: signal) }

    /// Ends it with everything in its process group and cgroup; does nothing once it has ended.
    package func kill() { watcher.kill() }
}
