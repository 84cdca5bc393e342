/// Durations as configuration files write them: `250ms`, `5s`, `15m`, `1h`.
enum DurationText {
    private static let units: [(suffix: String, length: Duration)] = [
        ("ms", .milliseconds(1)), ("s", .seconds(1)), ("m", .seconds(60)), ("h", .seconds(3600)),
    ]

    /// Reads a duration: a whole number and a unit.
    static func parse(_ text: String) -> Duration? {
        for unit in units where text.hasSuffix(unit.suffix) {
            if let count = Int32(text.dropLast(unit.suffix.count)), count >= 0 {
                return unit.length * Int(count)
            }
        }
        return nil
    }

    /// Writes a duration with the largest unit that leaves a whole number, milliseconds at the least.
    static func format(_ duration: Duration) -> String {
        let milliseconds = duration / .milliseconds(1)
        for unit in units.reversed() {
            let count = milliseconds / (unit.length / .milliseconds(1))
            if count >= 1, count == count.rounded() { return "\(Int(count))\(unit.suffix)" }
        }
        return "\(Int(milliseconds))ms"
    }
}
