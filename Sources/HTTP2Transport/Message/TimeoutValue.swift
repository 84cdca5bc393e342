/// The value of `grpc-timeout`: at most eight digits and a unit (gRPC over HTTP/2, "Timeout").
enum TimeoutValue {
    /// Reads a value.
    ///
    /// - Returns: Nil where it is not one.
    static func decode(_ text: UnsafeRawBufferPointer) -> Duration? {
        guard (2...9).contains(text.count) else { return nil }
        var amount: Int64 = 0
        for byte in text.dropLast() {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            amount = amount * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        switch text[text.count - 1] {
        case UInt8(ascii: "H"): return .seconds(amount * 3600)
        case UInt8(ascii: "M"): return .seconds(amount * 60)
        case UInt8(ascii: "S"): return .seconds(amount)
        case UInt8(ascii: "m"): return .milliseconds(amount)
        case UInt8(ascii: "u"): return .microseconds(amount)
        case UInt8(ascii: "n"): return .nanoseconds(amount)
        default: return nil
        }
    }

    /// Writes a value, rounded up to the finest unit that it fits into.
    ///
    /// - Parameter timeout: What is not above zero becomes the shortest time there is.
    /// - Returns: The text.
    static func encode(_ timeout: Duration) -> String {
        for (unit, size) in units {
            let amount = (max(timeout.attoseconds, 1) + size - 1) / size
            if amount <= largestAmount { return "\(amount)\(unit)" }
        }
        return "\(largestAmount)H"
    }

    private static let largestAmount: Int128 = 99_999_999

    /// In attoseconds.
    private static let units: [(Character, Int128)] = [
        ("n", 1_000_000_000), ("u", 1_000_000_000_000), ("m", 1_000_000_000_000_000),
        ("S", 1_000_000_000_000_000_000), ("M", 60_000_000_000_000_000_000),
        ("H", 3_600_000_000_000_000_000_000),
    ]
}
