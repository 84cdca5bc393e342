private import CSystemd  // also for iovec, whose definition its module owns
private import Glibc
package import LinuxIO

/// The manager's end of the sd_notify(3) protocol: a socket on which children report their state.
///
/// Whoever polls ``descriptor`` calls ``receive()`` until it returns nil. Descriptors that a
/// message carries are closed at once: that is what the barrier of sd_pid_notify_barrier(3) waits
/// for.
package struct NotifyReceiver: ~Copyable, Sendable {
    /// The longest message that is read; longer ones are dropped, as systemd does.
    private static let maximumLength = 4096

    /// What children get as `NOTIFY_SOCKET`.
    package let path: String
    /// Readable when a message waits.
    package let descriptor: OwnedDescriptor

    /// Binds the socket; a file that a dead process left there is replaced.
    ///
    /// - Parameter path: At most 107 bytes (unix(7)). Only this user may write to it.
    /// - Throws: ``SystemError``.
    package init(path: String) throws(SystemError) {
        descriptor = try Self.bind(to: path)
        self.path = path
    }

    deinit {
        unlink(path)
    }

    /// Takes the next message.
    ///
    /// - Returns: Nil where none waits.
    /// - Throws: ``SystemError``.
    package func receive() throws(SystemError) -> NotifyMessage? {
        while true {
            switch try receiveOne() {
            case .message(let message): return message
            case .unusable: continue
            case .nothing: return nil
            }
        }
    }

    private static func bind(to path: String) throws(SystemError) -> OwnedDescriptor {
        let address = SocketAddress.unix(path: path)
        guard path.utf8.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path) else {
            throw SystemError("bind \(address)", code: ENAMETOOLONG)
        }
        let type = CInt(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = try OwnedDescriptor(
            owning: socket(AF_UNIX, type, 0), from: "open a socket")
        var enabled: CInt = 1
        let size = socklen_t(MemoryLayout<CInt>.size)
        // The file that bind makes takes its mode from the socket: it is never open to others.
        guard setsockopt(descriptor.rawValue, SOL_SOCKET, SO_PASSCRED, &enabled, size) == 0,
            fchmod(descriptor.rawValue, S_IRUSR | S_IWUSR) == 0
        else { throw SystemError("prepare the notify socket") }
        unlink(path)
        guard address.withSockaddr({ Glibc.bind(descriptor.rawValue, $0, $1) }) == 0 else {
            throw SystemError("bind \(address)")
        }
        return descriptor
    }

    private enum Received {
        case message(NotifyMessage)
        /// Too long, or from nobody that the kernel vouches for.
        case unusable
        case nothing
    }

    private func receiveOne() throws(SystemError) -> Received {
        var text = [UInt8](repeating: 0, count: Self.maximumLength)
        var control = [UInt8](repeating: 0, count: ControlMessages.capacity)
        var header = msghdr()
        let length = text.withUnsafeMutableBytes { textBytes in
            control.withUnsafeMutableBytes { controlBytes in
                var vector = iovec(iov_base: textBytes.baseAddress, iov_len: textBytes.count)
                return withUnsafeMutablePointer(to: &vector) { vectorPointer in
                    header.msg_iov = vectorPointer
                    header.msg_iovlen = 1
                    header.msg_control = controlBytes.baseAddress
                    header.msg_controllen = controlBytes.count
                    return recvmsg(
                        descriptor.rawValue, &header, CInt(MSG_CMSG_CLOEXEC))
                }
            }
        }
        guard length >= 0 else {
            switch errno {
            case EINTR: return .unusable
            case EAGAIN: return .nothing
            default: throw SystemError("receive from \(path)")
            }
        }
        let controlMessages = ControlMessages(control.prefix(header.msg_controllen))
        guard let sender = controlMessages.sender,
            header.msg_flags & CInt(MSG_TRUNC) == 0
        else { return .unusable }
        let message = String(decoding: text.prefix(length), as: UTF8.self)
        return .message(NotifyMessage(sender: sender, text: message))
    }
}
