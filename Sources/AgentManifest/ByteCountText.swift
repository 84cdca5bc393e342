/// Amounts of memory as configuration files write them: `4096`, `64KiB`, `512MiB`, `2GiB`.
package enum ByteCountText {
    private static let units: [(suffix: String, shift: Int)] = [
        ("KiB", 10), ("MiB", 20), ("GiB", 30),
    ]

    /// Reads an amount: a whole number and a unit, or bytes.
    static func parse(_ text: String) -> Int? {
        for unit in units where text.hasSuffix(unit.suffix) {
            guard let count = Int32(text.dropLast(unit.suffix.count)), count >= 0 else {
                return nil
            }
            return Int(count) << unit.shift
        }
        guard let count = Int(text), count >= 0 else { return nil }
        return count
    }

    /// Writes an amount for people, in the largest unit that it is a whole number of: `512 MiB`.
    ///
    /// - Parameter count: Bytes.
    /// - Returns: The text.
    package static func text(_ count: Int) -> String {
        let unit = units.last { count >= 1 << $0.shift && count % (1 << $0.shift) == 0 }
        guard let unit else { return "\(count) bytes" }
        return "\(count >> unit.shift) \(unit.suffix)"
    }
}
