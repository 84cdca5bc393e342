private import CSystemd
private import Glibc
package import LinuxIO

/// Reports to the service manager behind `$NOTIFY_SOCKET` (sd_notify(3)).
package struct SystemdNotifier: Notifying {
    /// A notifier for this process.
    ///
    /// The environment is looked at with each message.
    package init() {}

    package func notify(_ notifications: [ServiceNotification]) throws(SystemError) {
        let message = notifications.map(\.assignments).joined(separator: "\n")
        try send(message, descriptors: [])
    }

    /// Gives the manager a descriptor to keep across restarts of this service.
    ///
    /// It comes back through ``PassedSockets``, under its name. The manager does not watch it
    /// (FDPOLL=0): otherwise it would drop a listening socket with its first error event.
    ///
    /// - Parameters:
    ///   - descriptor: An open descriptor; the caller keeps its own.
    ///   - name: At most 255 printable ASCII characters without a colon.
    /// - Throws: ``SystemError``, EINVAL for a name that the manager would ignore.
    package func store(_ descriptor: CInt, name: String) throws(SystemError) {
        try Self.check(name)
        try send("FDSTORE=1\nFDNAME=\(name)\nFDPOLL=0", descriptors: [descriptor])
    }

    /// Has the manager close the descriptors that it keeps under a name.
    ///
    /// - Throws: ``SystemError``, EINVAL for a name that ``store(_:name:)`` refuses.
    package func removeStored(name: String) throws(SystemError) {
        try Self.check(name)
        try send("FDSTOREREMOVE=1\nFDNAME=\(name)", descriptors: [])
    }

    private func send(_ message: String, descriptors: [CInt]) throws(SystemError) {
        // 0 means that $NOTIFY_SOCKET is not set.
        let result = sd_pid_notify_with_fds(
            0, 0, message, descriptors, UInt32(descriptors.count))
        guard result >= 0 else {
            throw SystemError("notify the service manager", code: -result)
        }
    }

    private static func check(_ name: String) throws(SystemError) {
        let isValid = name.utf8.allSatisfy { (0x20...0x7e) ~= $0 && $0 != UInt8(ascii: ":") }
        guard isValid, !name.isEmpty, name.utf8.count <= 255 else {
            throw SystemError("store a descriptor under the name \"\(name)\"", code: EINVAL)
        }
    }
}
