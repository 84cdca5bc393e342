internal import LinuxIO

/// Allows a burst of something, and so much of it in a second for as long as one likes.
///
/// The clock is read only when the bucket is empty, so taking from one that is not costs next to nothing;
/// in exchange a burst that follows a quiet time may be twice as long.
struct TokenBucket {
    private let capacity: Double
    private let tokensPerSecond: Double
    private var tokens: Double
    private var filledAt: MonotonicInstant

    /// Creates a full bucket.
    ///
    /// - Parameters:
    ///   - capacity: Tokens that it holds.
    ///   - tokensPerSecond: How fast it fills.
    ///   - now: The present.
    init(capacity: Int, tokensPerSecond: Int, at now: MonotonicInstant) {
        self.capacity = Double(capacity)
        self.tokensPerSecond = Double(tokensPerSecond)
        tokens = self.capacity
        filledAt = now
    }

    /// Takes tokens where there are so many.
    ///
    /// - Parameters:
    ///   - count: How many.
    ///   - now: The present; asked for only where it matters.
    /// - Returns: Whether there were.
    mutating func take(_ count: Int = 1, at now: @autoclosure () -> MonotonicInstant) -> Bool {
        let count = Double(count)
        if tokens < count { fill(at: now()) }
        guard tokens >= count else { return false }
        tokens -= count
        return true
    }

    private mutating func fill(at now: MonotonicInstant) {
        let seconds = now.since(filledAt) / .seconds(1)
        tokens = min(capacity, tokens + seconds * tokensPerSecond)
        filledAt = now
    }
}
