package import LinuxIO

/// How many lines an agent may write in a window of time before further ones are counted only.
package struct LineRateLimit: Sendable {
    /// The lines in a window: 2,000 by default.
    package let maximum: Int
    /// The window's length: 10 s by default.
    package let window: Duration

    private var windowEnd = MonotonicInstant(nanoseconds: 0)
    private var count = 0

    /// The lines left out and not reported yet.
    package private(set) var omitted: UInt64 = 0

    /// A limit whose first window begins with the first line.
    package init(maximum: Int = 2_000, window: Duration = .seconds(10)) {
        self.maximum = maximum
        self.window = window
    }

    /// Counts a line.
    ///
    /// - Parameter now: When it was read.
    /// - Returns: Whether it is within the limit.
    package mutating func admits(at now: MonotonicInstant) -> Bool {
        if now >= windowEnd {
            windowEnd = now + window
            count = 0
        }
        count += 1
        if count > maximum { omitted += 1 }
        return count <= maximum
    }

    /// How long the present window lasts from an instant on.
    package func remaining(at now: MonotonicInstant) -> Duration { windowEnd.since(now) }

    /// Takes the report on the lines left out, or nil for none.
    package mutating func takeReport() -> String? {
        guard omitted > 0 else { return nil }
        defer { omitted = 0 }
        return "\(omitted) lines left out: more than \(maximum) in \(window.components.seconds) s"
    }
}
