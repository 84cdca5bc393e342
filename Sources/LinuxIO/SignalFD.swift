private import CLinuxIO
private import Glibc

/// Signals as something to read (signalfd(2)).
package struct SignalFD: ~Copyable, Sendable {
    package let descriptor: OwnedDescriptor

    /// Takes signals out of their ordinary delivery.
    ///
    /// Call ``block(_:)`` with the same signals first, before any other thread exists.
    ///
    /// - Parameter signals: Numbers from signal(7).
    /// - Throws: ``SystemError`` where descriptors have run out.
    package init(_ signals: [CInt]) throws(SystemError) {
        descriptor = try OwnedDescriptor(
            owning: clinuxio_signalfd(signals, signals.count), from: "create a signalfd")
    }

    /// Blocks signals in this thread and all that it starts from now on.
    package static func block(_ signals: [CInt]) {
        clinuxio_block_signals(signals, signals.count)
    }

    /// The next pending signal; nil where none is.
    package func read() -> CInt? {
        let signal = clinuxio_signalfd_read(descriptor.rawValue)
        return signal > 0 ? signal : nil
    }
}
