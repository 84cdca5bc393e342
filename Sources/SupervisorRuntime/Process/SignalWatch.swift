internal import LinuxIO

/// Hears signals on the event loop.
///
/// Belongs to the event loop's thread.
final class SignalWatch {
    private let descriptor: SignalFD
    private let onSignal: (CInt) -> Void
    private var watch: Watch?

    /// Starts to listen.
    ///
    /// - Parameters:
    ///   - signals: Signals that are blocked in every thread.
    ///   - loop: The calling thread's event loop.
    ///   - onSignal: Called with each signal.
    /// - Throws: ``SystemError``.
    init(
        _ signals: [CInt], on loop: EventLoop, onSignal: @escaping (CInt) -> Void
    ) throws(SystemError) {
        descriptor = try SignalFD(signals)
        self.onSignal = onSignal
        watch = try loop.watch(descriptor.descriptor.rawValue, for: .readable) {
            [unowned self] _ in
            while let signal = descriptor.read() { self.onSignal(signal) }
        }
    }
}
