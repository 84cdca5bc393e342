/// Counts tests from what Rust's test programs print: stable toolchains have no other form of it.
///
/// Test programs and documentation tests follow each other on one stream; their counts are summed. A program's own
/// summary counts; where it ends without one, the lines of its tests do, and the program itself is a failure.
struct LibtestParser: Sendable {
    /// How many lines a test's output may have to be kept.
    static let outputLimit = 500

    private enum Section {
        /// Before or after a program's tests.
        case outside
        case tests
        /// The outputs of passed tests, which are shown when asked for.
        case successes
        /// The outputs of failed tests.
        case failures
        /// The names of failed tests; holds the lines since it began, in case it was a test that printed this.
        case failedNames([String])
    }

    private var finished: [TestProgram] = []
    private var section = Section.outside
    private var program = TestProgram()
    /// Whose output is being read.
    private var captured: String?
    /// What came on standard error: the two streams say together what happened, in no certain order.
    private var errorLines: [String] = []

    /// Takes a line of standard output, without its ending.
    mutating func receive(stdout line: String) {
        switch section {
        case .outside: receiveStart(line)
        case .tests: receiveTest(line)
        case .successes: receiveEnd(line)
        case .failures: receiveFailure(line)
        case .failedNames(let lines): receiveFailedName(line, after: lines)
        }
    }

    /// Takes a line of standard error, without its ending: panics are printed there where tests are not captured.
    mutating func receive(stderr line: String) {
        if errorLines.count < 20 * Self.outputLimit { errorLines.append(line) }
    }

    /// What the programs have said so far; one that has not ended counts as one that ended early.
    var report: TestReport {
        var programs = finished
        if case .outside = section {} else { programs.append(program) }
        return TestReport(programs, errorLines: errorLines)
    }

    private mutating func receiveStart(_ line: String) {
        guard let count = Self.startCount(line) else { return }
        program = TestProgram(announced: count)
        section = .tests
    }

    private mutating func receiveTest(_ line: String) {
        if line == "failures:" {
            section = .failures
        } else if line == "successes:" {
            section = .successes
        } else if Self.startCount(line) != nil {
            close()
            receiveStart(line)
        } else if !receiveEnd(line) {
            program.receive(test: line)
        }
    }

    /// Takes the last line of a program, and otherwise the heading of its failures.
    @discardableResult
    private mutating func receiveEnd(_ line: String) -> Bool {
        if case .successes = section, line == "failures:" {
            section = .failures
            return true
        }
        guard let summary = TestSummary(line) else { return false }
        program.summary = summary
        close()
        return true
    }

    private mutating func receiveFailure(_ line: String) {
        if line.hasPrefix("---- "), line.hasSuffix(" stdout ----") {
            let name = String(line.dropFirst("---- ".count).dropLast(" stdout ----".count))
            // A quiet run names nobody before.
            if program.failed.isEmpty || program.failed.contains(name) {
                captured = name
                return
            }
        }
        if line == "failures:" {
            section = .failedNames([])
        } else if let captured {
            program.capture(line, of: captured)
        }
    }

    private mutating func receiveFailedName(_ line: String, after lines: [String]) {
        if line.isEmpty || line.hasPrefix("    ") {
            section = .failedNames(lines + [line])
        } else if let summary = TestSummary(line),
            program.mayEnd(with: summary, failed: lines.names)
        {
            program.failed = lines.names
            program.summary = summary
            close()
        } else {
            // It was the output of a test that prints what test programs print.
            section = .failures
            for line in ["failures:"] + lines + [line] { receiveCaptured(line) }
        }
    }

    private mutating func receiveCaptured(_ line: String) {
        guard line == "failures:", let captured else { return receiveFailure(line) }
        program.capture(line, of: captured)
    }

    /// Ends a program.
    private mutating func close() {
        finished.append(program)
        program = TestProgram()
        captured = nil
        section = .outside
    }

    /// The number in "running 7 tests"; nil for any other line.
    private static func startCount(_ line: String) -> Int? {
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[0] == "running", ["test", "tests"].contains(words[2]) else {
            return nil
        }
        return Int(words[1])
    }
}

extension [String] {
    /// The names in an indented list.
    fileprivate var names: [String] {
        map { String($0.drop { $0 == " " }) }.filter { !$0.isEmpty }
    }
}
