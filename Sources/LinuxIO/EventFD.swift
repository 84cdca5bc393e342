private import CLinuxIO

/// A counter that wakes a thread out of epoll_wait (eventfd(2)).
package struct EventFD: ~Copyable, Sendable {
    package let descriptor: OwnedDescriptor

    package init() throws(SystemError) {
        descriptor = try OwnedDescriptor(
            owning: eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK)),
            from: "create an eventfd")
    }

    /// Makes it readable.
    ///
    /// Safe from any thread.
    package func signal() {
        // Fails only where the counter is at its limit: then it is readable already.
        _ = eventfd_write(descriptor.rawValue, 1)
    }

    /// Makes it unreadable again.
    package func clear() {
        var count: eventfd_t = 0
        _ = eventfd_read(descriptor.rawValue, &count)
    }
}
