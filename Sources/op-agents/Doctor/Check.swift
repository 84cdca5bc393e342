/// Judges one side of the machine by facts that it was given.
///
/// The facts are its stored properties, so that a test can make them up; an initializer that takes
/// ``Surroundings`` collects the real ones.
protocol Check: Sendable {
    /// Judges the facts.
    ///
    /// - Returns: At least one finding.
    func findings() -> [Finding]
}
