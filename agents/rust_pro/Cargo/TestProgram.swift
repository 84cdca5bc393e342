/// What one test program has said so far.
struct TestProgram: Sendable {
    /// How many tests it said that it would run.
    var announced = 0
    private(set) var passed = 0
    private(set) var ignored = 0
    /// The names of failed tests, in the order in which they ended.
    var failed: [String] = []
    private(set) var captures: [String: [String]] = [:]
    var summary: TestSummary?
    /// The test that was running when nothing more was printed.
    private(set) var running: String?

    /// Takes a line between the first and the last of the tests: `test NAME ... ok`.
    mutating func receive(test line: String) {
        guard line.hasPrefix("test "), let dots = line.ranges(of: " ...").last else { return }
        var name = line[..<dots.lowerBound].dropFirst("test ".count)
        if name.hasSuffix(" - should panic") { name = name.dropLast(" - should panic".count) }
        let outcome = line[dots.upperBound...].drop { $0 == " " }
        if outcome.hasPrefix("ok") || outcome.hasPrefix("bench:") {
            passed += 1
        } else if outcome.hasPrefix("FAILED") {
            failed.append(String(name))
        } else if outcome.hasPrefix("ignored") {
            ignored += 1
        } else {
            running = String(name)
        }
    }

    /// Whether a summary and the list before it can be this program's own, and not something that a test printed.
    func mayEnd(with summary: TestSummary, failed names: [String]) -> Bool {
        // A quiet run names nobody before.
        names.count == summary.failed && (failed.isEmpty || Set(failed) == Set(names))
    }

    /// Takes a line that a failed test printed.
    mutating func capture(_ line: String, of name: String) {
        guard captures[name, default: []].count < LibtestParser.outputLimit else { return }
        captures[name, default: []].append(line)
    }
}
