/// Collects the problems of a configuration while reading goes on.
final class ProblemLog {
    private(set) var problems: [ConfigurationProblem] = []

    func report(_ problem: ConfigurationProblem) { problems.append(problem) }

    /// Ends the reading if anything was wrong.
    func throwIfAny() throws(ConfigurationError) {
        guard !problems.isEmpty else { return }
        var seen: Set<ConfigurationProblem> = []
        throw ConfigurationError(
            problems: problems.filter { seen.insert($0).inserted }
                .sorted { ($0.file, $0.line ?? 0) < ($1.file, $1.line ?? 0) })
    }
}
