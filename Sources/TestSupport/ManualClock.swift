package import LinuxIO
package import Supervision
package import SupervisorRuntime
private import Synchronization

/// A clock that moves when a test says so.
///
/// Bodies are called on the event loop's thread, in the order of their instants.
package final class ManualClock: MonotonicClock {
    private struct State {
        var now = Instant(nanoseconds: 1_000_000_000_000)
        var pending: [ScheduledBody] = []
    }

    private let loop: EventLoop
    private let state = Mutex(State())

    /// Makes a clock that stands still.
    ///
    /// - Parameter loop: Where bodies are called.
    package init(_ loop: EventLoop) {
        self.loop = loop
    }

    package var now: Instant { state.withLock { $0.now } }

    package func schedule(at instant: Instant, _ body: @escaping () -> Void) -> any Cancellable {
        let scheduled = ScheduledBody(instant, body)
        state.withLock { $0.pending.append(scheduled) }
        return scheduled
    }

    /// Moves the clock, and returns when all that is due by then has been done.
    ///
    /// - Parameter duration: How far.
    package func advance(by duration: Duration) async {
        await withCheckedContinuation { continuation in
            loop.execute { [self] in
                run(until: now.advanced(by: duration))
                continuation.resume()
            }
        }
    }

    private func run(until end: Instant) {
        while let next = takeNext(until: end) {
            state.withLock { $0.now = max($0.now, next.instant) }
            next.body?()
        }
        state.withLock { $0.now = end }
    }

    private func takeNext(until end: Instant) -> ScheduledBody? {
        state.withLock { state in
            state.pending.removeAll { $0.body == nil }
            let next = state.pending.filter { $0.instant <= end }.min { $0.instant < $1.instant }
            guard let next else { return nil }
            state.pending.removeAll { $0 === next }
            return next
        }
    }
}

/// Something that a manual clock does later.
///
/// Sendable by confinement: bodies are set, cancelled and called on the event loop's thread only.
private final class ScheduledBody: Cancellable, @unchecked Sendable {
    let instant: Instant
    private(set) var body: (() -> Void)?

    init(_ instant: Instant, _ body: @escaping () -> Void) {
        self.instant = instant
        self.body = body
    }

    func cancel() { body = nil }
}
