/// A small random generator that is the same everywhere (Steele, Lea and Flood, 2014).
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// A generator for one thing of many, so that what happens to the others does not change it.
    init(seed: UInt64, _ names: UInt64...) {
        state = seed
        for name in names { state = next() ^ name }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Whether something happens that does so once in a number of times.
    mutating func oneIn(_ count: UInt64) -> Bool { next() % count == 0 }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int(next() % UInt64(elements.count))]
    }

    /// A time up to a longest one; each order of magnitude above a millisecond is as likely.
    mutating func duration(upTo longest: Duration) -> Duration {
        var span = longest
        while span > .milliseconds(1), oneIn(2) { span = span / 8 }
        return span * Double(next() >> 11) / Double(1 << 53)
    }
}
