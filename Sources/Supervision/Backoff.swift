/// Delays that double from try to try, up to a cap, and are spread so that failures fall apart.
package struct Backoff: Equatable, Sendable {
    /// The first delay; 100 ms by default.
    package var initial: Duration = .milliseconds(100)
    /// What a delay is multiplied with for the next one; 2 by default.
    package var multiplier = 2
    /// How much a delay is spread both ways, as a part of it; 0.2 by default.
    package var spread = 0.2
    /// The longest delay; 30 s by default.
    package var cap: Duration = .seconds(30)

    /// Makes the default backoff.
    package init() {}

    /// The delay before a try.
    ///
    /// - Parameters:
    ///   - attempt: The number of tries since the last success, from 0.
    ///   - jitter: Where in the spread the delay falls, -1...1; 0 is its middle.
    /// - Returns: The delay, spread, and never more than the cap.
    package func delay(attempt: Int, jitter: Double) -> Duration {
        var delay = initial
        var doublings = 0
        while doublings < attempt, delay < cap {
            delay = delay * multiplier
            doublings += 1
        }
        return min(min(delay, cap) * (1 + spread * max(-1, min(1, jitter))), cap)
    }
}
