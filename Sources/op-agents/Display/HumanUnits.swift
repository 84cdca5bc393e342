/// Quantities as a person reads them at a glance.
enum HumanUnits {
    /// A number of bytes in decimal units: `999 B`, `12.3 MB`.
    ///
    /// - Parameter count: The number of bytes.
    /// - Returns: The text.
    static func bytes(_ count: UInt64) -> String {
        guard count >= 1000 else { return "\(count) B" }
        var value = Double(count)
        var unit = ""
        for next in ["kB", "MB", "GB", "TB"] {
            value /= 1000
            unit = next
            // 999.95 would be rounded to 1000.0.
            if value < 999.95 { break }
        }
        return "\(oneDecimal(value)) \(unit)"
    }

    /// A duration with what matters of it: `850 us`, `12 ms`, `4.2 s`, `4m12s`, `3h05m`, `2d04h`.
    ///
    /// - Parameter duration: The duration; less than none counts as none.
    /// - Returns: The text.
    static func duration(_ duration: Duration) -> String {
        let microseconds = Int64(
            clamping: Int128((max(.zero, duration) / .microseconds(1)).rounded()))
        let seconds = microseconds / 1_000_000
        let minutes = seconds / 60
        let hours = minutes / 60
        return switch microseconds {
        case ..<1_000: "\(microseconds) us"
        case ..<1_000_000: "\(microseconds / 1_000) ms"
        // 9.95 s and more would be rounded to 10.0 s, which says no more than 10 s.
        case ..<9_950_000: "\(oneDecimal(Double(microseconds) / 1_000_000)) s"
        case ..<60_000_000: "\(min(59, (microseconds + 500_000) / 1_000_000)) s"
        case ..<3_600_000_000: "\(minutes)m\(twoDigits(seconds % 60))s"
        case ..<86_400_000_000: "\(hours)h\(twoDigits(minutes % 60))m"
        default: "\(hours / 24)d\(twoDigits(hours % 24))h"
        }
    }

    private static func oneDecimal(_ value: Double) -> String {
        let tenths = Int64((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func twoDigits(_ value: Int64) -> String {
        value < 10 ? "0\(value)" : "\(value)"
    }
}
