package import Glibc
package import LinuxIO

/// A child that runs its program.
///
/// Whoever takes it apart watches its end and reads its output.
package struct SpawnedProcess: ~Copyable {
    /// Also the number of its process group.
    package let pid: pid_t
    package let pidfd: PidFD
    /// The reading end of its standard output, non-blocking.
    package let standardOutput: OwnedDescriptor
    /// The reading end of its standard error, non-blocking.
    package let standardError: OwnedDescriptor
    /// Its start in clock ticks since boot: with the boot's id it tells this process from a later
    /// one with the same pid (field 22 of /proc/pid/stat).
    ///
    /// Nil where /proc is not mounted.
    package let startTime: UInt64?

    /// A child with its descriptors.
    package init(
        pid: pid_t, pidfd: consuming PidFD, standardOutput: consuming OwnedDescriptor,
        standardError: consuming OwnedDescriptor, startTime: UInt64?
    ) {
        self.pid = pid
        self.pidfd = pidfd
        self.standardOutput = standardOutput
        self.standardError = standardError
        self.startTime = startTime
    }
}
