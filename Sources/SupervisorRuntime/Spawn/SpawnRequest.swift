package import Glibc
package import LinuxIO

/// A program to start, and as what.
package struct SpawnRequest: Sendable {
    /// A listening socket that the child gets under a name (`LISTEN_FDS` protocol of
    /// sd_listen_fds(3)).
    package struct ListeningSocket: Sendable, Hashable {
        /// What the child finds in `LISTEN_FDNAMES`: printable ASCII without a colon.
        package var name: String
        /// Stays open until the child is started; the caller keeps it.
        package var descriptor: CInt

        /// A socket and its name.
        package init(name: String, descriptor: CInt) {
            self.name = name
            self.descriptor = descriptor
        }
    }

    /// A bound on what the child may use (getrlimit(2)).
    package struct Limit: Sendable, Hashable {
        /// What is bounded, one of `RLIMIT_`.
        package var resource: CInt
        /// Soft and hard limit; a lower hard limit that is in force already stays.
        package var maximum: UInt64

        /// Open descriptors.
        package static func openFiles(_ maximum: UInt64) -> Self {
            Self(resource: CInt(RLIMIT_NOFILE.rawValue), maximum: maximum)
        }

        /// Processes and threads of the user who runs the child, all of them together.
        package static func processes(_ maximum: UInt64) -> Self {
            Self(resource: CInt(__RLIMIT_NPROC.rawValue), maximum: maximum)
        }

        /// Bytes that each process may write to and has to itself: heap and stacks, not mapped files, nor
        /// address space that is only reserved.
        package static func data(_ maximum: UInt64) -> Self {
            Self(resource: CInt(RLIMIT_DATA.rawValue), maximum: maximum)
        }

        /// Bytes of a core dump.
        package static func core(_ maximum: UInt64) -> Self {
            Self(resource: CInt(RLIMIT_CORE.rawValue), maximum: maximum)
        }
    }

    /// The path of the program, not searched in PATH.
    package var executable: String
    /// What follows the program's own name.
    package var arguments: [String] = []
    /// All of the child's environment, but for what the spawner adds itself: LISTEN_*, and
    /// `OP_LIFELINE_FD`.
    ///
    /// ``ChildEnvironment/inherited(from:)`` is the usual base.
    package var environment: [String: String] = [:]
    /// Nil: the caller's.
    package var workingDirectory: String?
    /// The child finds them at 3 and following, in this order.
    package var listeningSockets: [ListeningSocket] = []
    package var limits: [Limit] = []
    /// The child's readiness to be killed when memory runs out, -1000 to 1000 (proc(5)); nil:
    /// inherited.
    ///
    /// Lowering it needs CAP_SYS_RESOURCE.
    package var oomScoreAdjustment: CInt?
    /// What the child is born in.
    ///
    /// Nil: the caller's cgroup.
    package var cgroup: Cgroup?
    /// What the child gets when the thread that spawned it ends: SIGKILL, since any other leaves
    /// behind who is stopped or ignores it, and with it the sockets that were passed.
    ///
    /// Nil: nothing, then only the lifeline tells.
    package var parentDeathSignal: CInt? = SIGKILL
    package var umask: mode_t = 0o077

    /// A request with the defaults above.
    package init(executable: String) {
        self.executable = executable
    }
}
