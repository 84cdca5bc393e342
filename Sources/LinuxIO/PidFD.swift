private import CLinuxIO
private import Glibc

/// How a process ended.
package enum ProcessExit: Sendable, Hashable {
    case exited(code: CInt)
    case signalled(CInt, dumpedCore: Bool)
    /// It did, and somebody else took its status.
    case unknown
}

/// A process, held by descriptor: unlike a pid it never comes to mean another one (pidfd_open(2)).
///
/// It is readable once the process has ended.
package struct PidFD: ~Copyable, Sendable {
    package let descriptor: OwnedDescriptor

    /// Holds the process behind a descriptor that clone3(2) or pidfd_open(2) gave.
    package init(owning descriptor: consuming OwnedDescriptor) {
        self.descriptor = descriptor
    }

    /// Opens a running process.
    ///
    /// - Parameter pid: A pid that is known to be meant: a child's before it is reaped, or one checked afterwards.
    /// - Throws: ``SystemError``, ESRCH where there is none.
    package init(pid: CInt) throws(SystemError) {
        descriptor = try OwnedDescriptor(
            owning: clinuxio_pidfd_open(pid), from: "open process \(pid)")
    }

    /// Sends a signal.
    ///
    /// - Parameter signal: A number from signal(7); 0 only asks whether it runs.
    /// - Returns: False where the process has ended and been reaped.
    /// - Throws: ``SystemError``, EPERM where this process may not.
    @discardableResult
    package func send(signal: CInt) throws(SystemError) -> Bool {
        if clinuxio_pidfd_send_signal(descriptor.rawValue, signal) == 0 { return true }
        guard errno == ESRCH else { throw SystemError("send signal \(signal) to a process") }
        return false
    }

    /// Reaps it if it has ended (waitid(2) with P_PIDFD); only for own children, and once.
    ///
    /// - Returns: How it ended; nil where it still runs.
    package func reap() throws(SystemError) -> ProcessExit? {
        var code: CInt = 0
        var status: CInt = 0
        switch clinuxio_pidfd_reap(descriptor.rawValue, &code, &status) {
        case 0: return nil
        case 1:
            let isExit = code == CInt(CLD_EXITED)
            return isExit
                ? .exited(code: status)
                : .signalled(status, dumpedCore: code == CInt(CLD_DUMPED))
        default: throw SystemError("wait for a child")
        }
    }
}
