import Glibc

/// A point in wall-clock time, as entries keep it: they outlive processes and reboots.
struct Timestamp: Sendable, Hashable, Comparable {
    /// Microseconds since 1970-01-01T00:00:00Z.
    var microseconds: Int64

    static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }

    static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    func advanced(bySeconds seconds: UInt64) -> Timestamp {
        Timestamp(microseconds: microseconds + Int64(seconds) * 1_000_000)
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC, with microseconds: "2026-03-01T12:00:00.000000Z".
    var description: String {
        let (seconds, fraction) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        var time = time_t(fraction < 0 ? seconds - 1 : seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        var text = "\(parts.tm_year + 1900)"
        for (separator, part, width) in [
            ("-", Int64(parts.tm_mon + 1), 2), ("-", Int64(parts.tm_mday), 2),
            ("T", Int64(parts.tm_hour), 2), (":", Int64(parts.tm_min), 2),
            (":", Int64(parts.tm_sec), 2), (".", fraction < 0 ? fraction + 1_000_000 : fraction, 6),
        ] {
            let digits = String(part)
            text += separator + String(repeating: "0", count: width - digits.count) + digits
        }
        return text + "Z"
    }
}
