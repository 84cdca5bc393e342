private import Glibc
package import LinuxIO

/// Reports to a service manager without ever waiting for it: what it has no room for is dropped.
///
/// For what is said again and again on a thread that serves others: ``SystemdNotifier`` waits while the
/// manager's queue is full, which a manager that hangs makes for ever.
package final class NonblockingNotifier: Notifying {
    private let descriptor: OwnedDescriptor

    /// Connects to a manager's socket.
    ///
    /// - Parameter path: Its file, as `$NOTIFY_SOCKET` names it.
    /// - Throws: ``SystemError`` where nobody listens there.
    package init(path: String) throws(SystemError) {
        let address = SocketAddress.unix(path: path)
        let type = CInt(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        descriptor = try OwnedDescriptor(
            owning: socket(AF_UNIX, type, 0), from: "open a socket")
        let fd = descriptor.rawValue
        guard address.withSockaddr({ connect(fd, $0, $1) }) == 0 else {
            throw SystemError("connect to \(address)")
        }
    }

    package func notify(_ notifications: [ServiceNotification]) throws(SystemError) {
        var message = notifications.map(\.assignments).joined(separator: "\n")
        let sent = message.withUTF8 {
            send(descriptor.rawValue, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
        }
        guard sent >= 0 || errno == EAGAIN else {
            throw SystemError("notify the service manager")
        }
    }
}
