/// Why a supervisor could not start: sentences that start with "cannot".
package struct SupervisorStartError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The sentences, at least one.
    package let problems: [String]

    /// Names the problems.
    ///
    /// - Parameter problems: Sentences that start with "cannot".
    package init(_ problems: [String]) {
        self.problems = problems
    }

    /// The sentences, a line each.
    package var description: String { problems.joined(separator: "\n") }
}
