/// How long a client waits between attempts to connect (gRPC, "Connection Backoff Protocol").
///
/// Shorter than gRPC's own numbers, which climb to two minutes: a local server that a supervisor restarts
/// is back within seconds.
public struct ConnectionBackoff: Sendable, Hashable {
    /// After the first failure.
    ///
    /// 50 ms by default.
    public var initial: Duration
    /// The longest wait, before jitter.
    ///
    /// 2 s by default.
    public var maximum: Duration
    /// Each wait is so many times the one before.
    ///
    /// 1.6 by default.
    public var multiplier: Double
    /// Each wait is longer or shorter by up to this part of it.
    ///
    /// 0.2 by default.
    public var jitter: Double

    /// Creates a backoff.
    ///
    /// - Parameters:
    ///   - initial: After the first failure.
    ///   - maximum: The longest wait, before jitter.
    ///   - multiplier: Each wait is so many times the one before.
    ///   - jitter: Each wait is longer or shorter by up to this part of it, from 0 to 1.
    public init(
        initial: Duration = .milliseconds(50), maximum: Duration = .seconds(2),
        multiplier: Double = 1.6, jitter: Double = 0.2
    ) {
        self.initial = initial
        self.maximum = maximum
        self.multiplier = multiplier
        self.jitter = jitter
    }

    /// The wait after a number of failures in a row.
    ///
    /// - Parameters:
    ///   - failures: From 1.
    ///   - random: From -1 to 1: where in the jitter it falls.
    /// - Returns: The wait.
    func delay(after failures: Int, random: Double) -> Duration {
        var delay = initial
        for _ in 1..<max(failures, 1) where delay < maximum { delay = delay * multiplier }
        return min(delay, maximum) * (1 + jitter * random)
    }
}
