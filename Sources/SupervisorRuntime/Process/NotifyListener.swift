internal import LinuxIO
internal import Logging
internal import Systemd

/// Hears what agents say on the notify socket.
///
/// Belongs to the event loop's thread.
final class NotifyListener {
    private let receiver: NotifyReceiver
    private let logger: Logger
    private let onMessage: (NotifyMessage) -> Void
    private var watch: Watch?

    /// Starts to listen.
    ///
    /// - Parameters:
    ///   - receiver: The socket.
    ///   - loop: The calling thread's event loop.
    ///   - logger: Gets what goes wrong.
    ///   - onMessage: Called with each message.
    /// - Throws: ``SystemError`` where the socket cannot be watched.
    init(
        _ receiver: consuming NotifyReceiver, on loop: EventLoop, logger: Logger,
        onMessage: @escaping (NotifyMessage) -> Void
    ) throws(SystemError) {
        self.receiver = receiver
        self.logger = logger
        self.onMessage = onMessage
        watch = try loop.watch(self.receiver.descriptor.rawValue, for: .readable) {
            [unowned self] _ in receive()
        }
    }

    /// Stops listening; the socket's file goes with this object.
    func stop() {
        watch?.cancel()
        watch = nil
    }

    private func receive() {
        do {
            while let message = try receiver.receive() { onMessage(message) }
        } catch {
            logger.error("\(error)")
        }
    }
}
