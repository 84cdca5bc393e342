private import CLinuxIO
private import Glibc

/// Signals as something to read, whichever thread takes them.
///
/// Where ``SignalFD`` needs every thread to block the signals, this needs none to: libraries start threads
/// of their own that do not. One for a process, for as long as it runs.
package struct SignalPipe: ~Copyable, Sendable {
    /// Readable when a signal has come.
    package let descriptor: OwnedDescriptor
    private let writing: OwnedDescriptor

    /// Takes signals out of their ordinary delivery.
    ///
    /// - Parameter signals: Numbers from signal(7).
    /// - Throws: ``SystemError`` where descriptors have run out, EINVAL for a signal that cannot be handled.
    package init(_ signals: [CInt]) throws(SystemError) {
        var ends = (reading: CInt(-1), writing: CInt(-1))
        guard clinuxio_pipe(&ends.reading, &ends.writing) == 0 else {
            throw SystemError("create a pipe for signals")
        }
        let reading = OwnedDescriptor(owning: ends.reading)
        let writing = OwnedDescriptor(owning: ends.writing)
        guard clinuxio_relay_signals(signals, signals.count, writing.rawValue) == 0 else {
            throw SystemError("handle signals")
        }
        descriptor = reading
        self.writing = writing
    }

    /// The next signal that has come; nil where none has.
    package func read() -> CInt? {
        var number: UInt8 = 0
        return Glibc.read(descriptor.rawValue, &number, 1) == 1 ? CInt(number) : nil
    }
}
