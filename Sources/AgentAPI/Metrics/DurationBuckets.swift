/// The buckets that durations of calls are counted in: 8 µs, and each bound twice the one before, to 137 s.
///
/// So a duration's bucket is found by the place of its highest bit, and a quantile that is read from the
/// counts is at most twice what it really is.
package enum DurationBuckets {
    /// The first bound: 8.192 µs, in nanoseconds as a power of two.
    private static let smallestBit = 13
    /// The last bound: 2^37 ns, over two minutes.
    private static let largestBit = 37

    /// How many buckets there are: one for each bound, and one for what is longer than all of them.
    package static let count = largestBit - smallestBit + 2

    /// The bounds in seconds, ascending.
    package static let upperBounds: [Double] = (smallestBit...largestBit).map {
        Double(UInt64(1) << $0) / 1e9
    }

    /// The bucket of a duration.
    ///
    /// - Parameter nanoseconds: The duration.
    /// - Returns: An index from 0, less than ``count``.
    package static func index(of nanoseconds: UInt64) -> Int {
        // A duration that is a bound belongs below it.
        let highestBit = UInt64.bitWidth - (max(nanoseconds, 1) - 1).leadingZeroBitCount
        return min(max(highestBit - smallestBit, 0), count - 1)
    }
}
