/// Counts the instances of one agent, so that late news of an old one is not taken for the new one's.
package struct Generation: Hashable, Sendable {
    /// The instance's number, from 1; 0 before the first.
    package let number: UInt64

    /// Makes a generation of its number.
    ///
    /// - Parameter number: The instance's number.
    package init(_ number: UInt64) {
        self.number = number
    }

    /// The generation of the next instance.
    package var next: Self { Self(number + 1) }
}
