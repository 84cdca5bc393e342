/// A point in time of a clock that never jumps, in nanoseconds since its start.
///
/// Which clock it is says the caller: nothing in this module reads one. On one boot of a machine
/// instants may be compared across processes, so they may be stored.
package struct Instant: Hashable, Sendable, Codable {
    /// Nanoseconds since the clock's start.
    package let nanoseconds: Int64

    /// Makes an instant of a clock's reading.
    ///
    /// - Parameter nanoseconds: Nanoseconds since the clock's start.
    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }
}

extension Instant: InstantProtocol {
    /// The instant that lies so much later, at the end of time at the latest.
    ///
    /// - Parameter duration: How much later; earlier if negative.
    /// - Returns: The other instant.
    package func advanced(by duration: Duration) -> Self {
        let (seconds, attoseconds) = duration.components
        let (whole, overflows) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, alsoOverflows) = nanoseconds.addingReportingOverflow(
            overflows ? (seconds < 0 ? .min : .max) : whole + attoseconds / 1_000_000_000)
        return Self(nanoseconds: alsoOverflows ? (seconds < 0 ? .min : .max) : sum)
    }

    /// How much later another instant is.
    ///
    /// - Parameter other: The other instant.
    /// - Returns: The time between, negative if the other is earlier.
    package func duration(to other: Self) -> Duration {
        .nanoseconds(other.nanoseconds - nanoseconds)
    }

    /// Orders instants.
    ///
    /// - Parameters:
    ///   - left: An instant.
    ///   - right: Another one.
    /// - Returns: Whether `left` is earlier.
    package static func < (left: Self, right: Self) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}
