extension TestReport {
    /// Sums up test programs.
    ///
    /// - Parameters:
    ///   - programs: In the order in which they ran.
    ///   - errorLines: What they and cargo wrote to standard error.
    init(_ programs: [TestProgram], errorLines: [String]) {
        let panics = PanicMessage.all(in: errorLines)
        // cargo says this of each program that a signal ended, in their order.
        var abnormalEnds =
            errorLines
            .filter {
                $0.hasPrefix("  process didn't exit successfully: ") && $0.contains("(signal: ")
            }
            .map { $0.drop { $0 == " " } }[...]
        for program in programs {
            add(program, panics: panics)
            if program.summary == nil {
                addEarlyEnd(of: program, reason: abnormalEnds.popFirst() ?? "it ended early")
            }
        }
    }

    private mutating func add(_ program: TestProgram, panics: [PanicMessage]) {
        passed += program.summary?.passed ?? program.passed
        failed += program.summary?.failed ?? program.failed.count
        ignored += program.summary?.ignored ?? program.ignored
        filteredOut += program.summary?.filteredOut ?? 0
        for name in program.failed {
            add(Failure(name: name, lines: program.captures[name] ?? [], panics: panics))
        }
    }

    private mutating func addEarlyEnd(of program: TestProgram, reason: Substring) {
        failed += 1
        let seen = program.passed + program.failed.count + program.ignored
        add(
            Failure(
                name: program.running ?? "(test program)",
                message: "\(seen) of \(program.announced) tests were over: \(reason)"))
    }

    private mutating func add(_ failure: Failure) {
        if failures.count < Self.failureLimit { failures.append(failure) }
    }
}
