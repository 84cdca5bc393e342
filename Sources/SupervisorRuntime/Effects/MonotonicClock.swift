package import LinuxIO
package import Supervision

/// Tells the time and does things later: with the event loop, or by hand in tests.
package protocol MonotonicClock: Sendable {
    /// The present.
    var now: Instant { get }

    /// Calls a body once, at an instant or as soon after it as possible.
    ///
    /// Belongs to the event loop's thread, like the body.
    ///
    /// - Parameters:
    ///   - instant: When; one in the past means at once, though not before this returns.
    ///   - body: What to do.
    /// - Returns: What keeps the body from being called.
    func schedule(at instant: Instant, _ body: @escaping () -> Void) -> any Cancellable
}

/// Something that may be called off.
package protocol Cancellable: AnyObject {
    /// Keeps it from happening; does nothing if it has happened.
    func cancel()
}

/// The clock of an event loop: CLOCK_MONOTONIC and its timers.
package struct LoopClock: MonotonicClock {
    private let loop: EventLoop

    /// Takes the clock of a loop.
    ///
    /// - Parameter loop: Where bodies are called.
    package init(_ loop: EventLoop) {
        self.loop = loop
    }

    package var now: Instant {
        Instant(nanoseconds: Int64(clamping: MonotonicInstant.now.nanoseconds))
    }

    package func schedule(at instant: Instant, _ body: @escaping () -> Void) -> any Cancellable {
        loop.schedule(after: max(.zero, now.duration(to: instant)), body)
    }
}

extension LoopTimer: Cancellable {}
