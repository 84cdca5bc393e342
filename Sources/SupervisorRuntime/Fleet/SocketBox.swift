internal import LinuxIO

/// A listening socket that can be stored where a noncopyable value cannot; closed with its last owner.
final class SocketBox {
    let socket: ListeningSocket

    init(_ socket: consuming ListeningSocket) { self.socket = socket }
}
