private import Glibc
package import LinuxIO

/// A control group (version 2) that holds one child and its descendants, which cannot leave it.
package final class Cgroup: Sendable {
    /// Its directory.
    package let directory: OwnedDescriptor

    /// Takes a cgroup by its opened directory.
    package init(owning directory: consuming OwnedDescriptor) {
        self.directory = directory
    }

    /// Sends SIGKILL to every process in it, none of which can escape by forking.
    ///
    /// - Throws: ``SystemError``, ENOENT on a kernel before 5.14.
    package func kill() throws(SystemError) {
        try write("1", to: "cgroup.kill")
    }

    /// Writes to one of its interface files (`memory.max`, `pids.max`, ...).
    ///
    /// - Throws: ``SystemError``, ENOENT where the controller is not enabled.
    package func write(_ value: String, to file: String) throws(SystemError) {
        let descriptor = try OwnedDescriptor(
            owning: openat(directory.rawValue, file, O_WRONLY | O_CLOEXEC), from: "open \(file)")
        let bytes = Array(value.utf8)
        guard Glibc.write(descriptor.rawValue, bytes, bytes.count) == bytes.count else {
            throw SystemError("write \(value) to \(file)")
        }
    }
}
