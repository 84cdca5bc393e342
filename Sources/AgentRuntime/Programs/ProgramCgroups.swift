private import Glibc
package import LinuxIO
private import Synchronization

/// Control groups for the programs that an agent runs, one for each: with it ends whatever the program has started.
///
/// They lie in the agent's own control group, if that is the agent's to divide: the supervisor gives such a one to each
/// instance where it has been given one itself, as systemd does with `Delegate=yes`.
package final class ProgramCgroups: Sendable {
    /// Those of this process.
    package static let ofThisProcess = ProgramCgroups(in: delegated())

    /// How long killed processes may take to vanish; one that waits for a dead disk takes longer.
    private static let limit = Duration.seconds(5)

    private let own: Cgroup?
    private let count = Atomic<UInt64>(0)

    /// Prepares to make some.
    ///
    /// - Parameter own: What they lie in; nil where programs get none.
    package init(in own: Cgroup?) {
        self.own = own
        // When memory runs out, the kernel is to kill a program, not the whole agent: it can tell them apart.
        // Without the controller there is no such file.
        try? own?.write("0", to: "memory.oom.group")
    }

    private static func delegated() -> Cgroup? {
        guard let own = try? Cgroup.own(), own.isDelegated else { return nil }
        return own
    }

    /// Makes one.
    ///
    /// - Returns: Nil where programs get none.
    /// - Throws: `SystemError` where the agent's own has no room for more.
    package func make() throws(SystemError) -> Cgroup? {
        try own?.makeChild("program-\(count.add(1, ordering: .relaxed).newValue)")
    }

    /// Ends what is in one, if anything is, and removes it.
    ///
    /// - Parameter cgroup: What ``make()`` made.
    /// - Throws: `SystemError`, ETIMEDOUT where something in it does not end.
    package func end(_ cgroup: Cgroup) async throws(SystemError) {
        // Before Linux 5.14 there is no such file: then it is the programs' guards that end them.
        try? cgroup.kill()
        do {
            try cgroup.remove()
        } catch  where error.code == EBUSY {
            // Only where a guard ended before its program; what it waits for would block the loop.
            let result = await Task.detached(executorPreference: globalConcurrentExecutor) {
                Result { () throws(SystemError) in
                    try cgroup.awaitEmptiness(within: Self.limit)
                    try cgroup.remove()
                }
            }.value
            try result.get()
        }
    }
}
