internal import AgentRuntime

/// What a run of cargo comes to: made out of its output and its end.
struct CargoResult: Sendable {
    let command: CargoCommand
    let output: CargoOutput
    let end: ProgramEnd
    let duration: Duration

    private var tests: TestReport { output.testReport }

    /// Whether cargo succeeded, and for test also whether a test ran: nothing tested is no success.
    var isSuccess: Bool { end == .exited(0) && !testedNothing }

    private var testedNothing: Bool {
        command.subcommand == .test && !command.runsNothing && end == .exited(0)
            && tests.testsRun == 0
    }

    /// The answer of the operation.
    var operationResult: OperationResult {
        OperationResult(
            summary: summary, success: isSuccess,
            error: isSuccess ? nil : "cannot \(command.subcommand.aim): \(reason)",
            exitCode: end.exitCode,
            fields: fields)
    }

    private var summary: String {
        let name = command.subcommand.rawValue
        let time = "in \(duration.inSeconds)"
        guard isSuccess else { return "\(name) failed \(time): \(reason)" }
        let warnings = output.diagnostics.warnings
        let suffix = warnings == 0 ? "" : ", with \(warnings.counted("warning"))"
        switch command.subcommand {
        case .test where !command.runsNothing:
            let ignored = tests.ignored == 0 ? "" : ", \(tests.ignored) ignored"
            return "\(tests.passed.counted("test")) passed\(ignored) \(time)\(suffix)"
        default: return "\(name) succeeded \(time)\(suffix)"
        }
    }

    /// Why it is no success.
    private var reason: String {
        if testedNothing {
            return tests.filteredOut == 0
                ? "no test ran: there is none"
                : "no test ran: the filter left out all \(tests.filteredOut)"
        }
        let diagnostics = output.diagnostics
        if let first = diagnostics.worst.first, diagnostics.errors > 0 {
            let place = first.place.map { "\($0): " } ?? ""
            return "\(diagnostics.errors.counted("error")), the first is \(place)\(first.message)"
        }
        if let first = tests.failures.first {
            let place = first.location.isEmpty ? "" : " at \(first.location)"
            return
                "\(tests.failed) of \(tests.testsRun.counted("test")) failed, the first is \(first.name)\(place)"
        }
        if let error = output.cargoErrors.first { return error }
        switch end {
        case .exited(let code): return "it ended with exit code \(code)"
        case .signalled(let signal): return "it was ended by signal \(signal)"
        }
    }

    private var fields: [String: JSONValue] {
        let diagnostics = output.diagnostics
        var list = diagnostics.worst.map(\.json)
        // What cargo refuses before there is anything to compile is an error like any other.
        if diagnostics.errors == 0, !isSuccess {
            list = output.cargoErrors.map { Diagnostic(level: .error, message: $0).json } + list
        }
        let cargoErrors = list.count - diagnostics.worst.count
        var fields: [String: JSONValue] = [
            "errors": .int(Int64(diagnostics.errors + cargoErrors)),
            "warnings": .int(Int64(diagnostics.warnings)),
            "diagnostics": .array(Array(list.prefix(DiagnosticCollection.limit))),
        ]
        if diagnostics.omitted > 0 { fields["omitted"] = .int(Int64(diagnostics.omitted)) }
        if command.subcommand == .test {
            fields.merge(tests.fields) { own, _ in own }
            if testedNothing { fields["note"] = .string(reason) }
        }
        return fields
    }
}

extension CargoSubcommand {
    /// What a run is for, after "cannot".
    fileprivate var aim: String {
        switch self {
        case .check: "check the project"
        case .clippy: "lint the project"
        case .build: "build the project"
        case .doc: "document the project"
        case .bench: "run the benchmarks"
        case .test: "pass the tests"
        case .run: "run the program to a good end"
        }
    }
}

extension Diagnostic {
    private static let longestText = 4 * 1024

    fileprivate var json: JSONValue {
        [
            "level": .string(level.rawValue),
            "code": .string(code),
            "file": .string(file),
            "line": .int(Int64(line)),
            "column": .int(Int64(column)),
            "message": .string(message.shortened(to: Self.longestText)),
            "suggestion": .string(suggestion.shortened(to: Self.longestText)),
        ]
    }
}

extension TestReport {
    /// With all failures that are kept a result stays under 4 MiB.
    private static let longestText = 8 * 1024

    fileprivate var fields: [String: JSONValue] {
        [
            "passed": .int(Int64(passed)),
            "failed": .int(Int64(failed)),
            "ignored": .int(Int64(ignored)),
            "filtered_out": .int(Int64(filteredOut)),
            "tests_run": .int(Int64(testsRun)),
            "failures": .array(
                failures.map { failure in
                    [
                        "name": .string(failure.name),
                        "message": .string(failure.message.shortened(to: Self.longestText)),
                        "location": .string(failure.location),
                        "stdout": .string(failure.stdout.shortened(to: Self.longestText)),
                    ]
                }),
        ]
    }
}
