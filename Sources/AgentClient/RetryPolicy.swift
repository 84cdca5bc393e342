/// When a failed call is tried again, and after how long.
struct RetryPolicy: Sendable, Hashable {
    /// How often, beyond the first attempt.
    let maximum: Int

    /// The wait before the first retry: a supervised agent is back within tens of milliseconds.
    private static let firstDelay: Duration = .milliseconds(50)
    private static let multiplier = 1.6
    private static let longestDelay: Duration = .seconds(2)
    /// The part of a delay that chance adds or takes away, so that clients do not return all at once.
    private static let jitter = 0.2

    /// How long to wait before a retry.
    ///
    /// - Parameters:
    ///   - retry: Counts the retries from 0.
    ///   - chance: A number from 0 to 1: 0.5 gives the plain delay.
    /// - Returns: nil where there is no further retry.
    func delay(beforeRetry retry: Int, chance: Double) -> Duration? {
        guard retry < maximum else { return nil }
        var factor = 1.0
        let largest = Self.longestDelay / Self.firstDelay
        for _ in 0..<retry where factor < largest { factor *= Self.multiplier }
        factor = min(factor, largest) * (1 + Self.jitter * (2 * chance - 1))
        return .nanoseconds(Int64(factor * (Self.firstDelay / .nanoseconds(1))))
    }
}
