private import Glibc

/// A point in time of CLOCK_MONOTONIC: it never jumps, and stands still while the machine sleeps.
package struct MonotonicInstant: Sendable, Hashable, Comparable {
    /// Since an unspecified start, as clock_gettime(2).
    package var nanoseconds: UInt64

    /// Creates an instant.
    ///
    /// - Parameter nanoseconds: Since the clock's start.
    package init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// The present.
    package static var now: MonotonicInstant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(
            nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    package static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    /// A later instant; one too far away to be counted is the last instant there is.
    package static func + (instant: Self, duration: Duration) -> Self {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return instant }
        let (whole, overflows) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let delta = whole.addingReportingOverflow(UInt64(attoseconds) / 1_000_000_000)
        let sum = instant.nanoseconds.addingReportingOverflow(delta.partialValue)
        guard !overflows, !delta.overflow, !sum.overflow else { return Self(nanoseconds: .max) }
        return Self(nanoseconds: sum.partialValue)
    }

    /// How long after an earlier instant; zero where that one is not earlier.
    package func since(_ earlier: Self) -> Duration {
        guard nanoseconds > earlier.nanoseconds else { return .zero }
        return .nanoseconds(Int64(clamping: nanoseconds - earlier.nanoseconds))
    }
}
