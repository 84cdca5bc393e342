private import CLinuxIO
private import Glibc

/// A one-shot timer on the monotonic clock that is readable once it has expired (timerfd_create(2)).
package struct TimerFD: ~Copyable, Sendable {
    package let descriptor: OwnedDescriptor

    package init() throws(SystemError) {
        descriptor = try OwnedDescriptor(
            owning: clinuxio_timerfd(), from: "create a timerfd")
    }

    /// Sets when it expires, in place of what was set before.
    ///
    /// - Parameter deadline: An instant that has passed expires at once.
    /// - Throws: ``SystemError`` where the time is invalid.
    package func arm(at deadline: MonotonicInstant) throws(SystemError) {
        // Zero would disarm it.
        guard clinuxio_timerfd_arm(descriptor.rawValue, max(deadline.nanoseconds, 1)) == 0 else {
            throw SystemError("arm a timerfd")
        }
    }

    /// Makes it unreadable again.
    package func clear() {
        var expirations: UInt64 = 0
        _ = read(descriptor.rawValue, &expirations, MemoryLayout<UInt64>.size)
    }
}
