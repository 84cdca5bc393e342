/// Everything that is wrong with a configuration, so that one look at it is enough to mend it.
package struct ConfigurationError: Error, Equatable, Sendable {
    /// The problems, at least one, in the order of files and lines.
    package let problems: [ConfigurationProblem]
}

extension ConfigurationError: CustomStringConvertible {
    /// A heading and a line for each problem.
    package var description: String {
        let count = problems.count == 1 ? "1 problem" : "\(problems.count) problems"
        return (["cannot use the configuration: \(count)"] + problems.map { "  \($0)" })
            .joined(separator: "\n")
    }
}
