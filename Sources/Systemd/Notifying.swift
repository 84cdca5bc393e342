package import LinuxIO

/// Where a service reports its state: systemd, or a recorder in tests.
package protocol Notifying: Sendable {
    /// Reports several things in one message.
    ///
    /// Does nothing where no service manager listens.
    ///
    /// - Throws: ``SystemError`` where the message could not be sent.
    func notify(_ notifications: [ServiceNotification]) throws(SystemError)
}
