internal import AgentRuntime

/// A run of cargo, as a call asks for it.
struct CargoCommand: Sendable, Hashable {
    let subcommand: CargoSubcommand
    /// What follows `cargo`.
    private(set) var arguments: [String]
    /// Added to the environment.
    let environment: [String: String]
    /// The standard input of the program, for run.
    let input: [UInt8]
    let timeLimit: Duration
    /// Leave the colours of diagnostics in.
    let keepsColor: Bool
    /// Changes sources.
    let fixes: Bool
    /// Builds tests and runs none.
    let runsNothing: Bool

    /// Paths that the call gives to cargo, which nobody has checked.
    private(set) var paths: [CallerPath] = []

    /// Options that decide how cargo's output is read, and are set by the operation itself.
    private static let reserved = [
        "--message-format": "leave it out, diagnostics are parsed from it",
        "--color": "use the argument color",
    ]

    /// Reads the arguments of a call.
    ///
    /// - Parameters:
    ///   - subcommand: What cargo is to do.
    ///   - call: The call's arguments, checked against ``arguments(of:)``.
    /// - Throws: ``OperationError/Code/invalidArgument`` where a name looks like an option, or an option does not fit.
    init(_ subcommand: CargoSubcommand, _ call: Arguments) throws(OperationError) {
        self.subcommand = subcommand
        environment = try EnvironmentVariables.checked(call.stringMap("env"))
        input = Array((call.string("stdin") ?? "").utf8)
        timeLimit = .seconds(call.int("timeout_secs") ?? Self.usualTimeLimit)
        keepsColor = call.bool("color") ?? false
        fixes = call.bool("fix") ?? false
        runsNothing = call.bool("no_run") ?? false
        arguments = [subcommand.rawValue, "--message-format=json-diagnostic-rendered-ansi"]
        try addSelection(call)
        try addOwn(call)
        paths = try CallerPath.all(in: arguments.prefix { $0 != "--" }, environment)
    }

    /// What is built, and how.
    private mutating func addSelection(_ call: Arguments) throws(OperationError) {
        for name in ["package", "bin", "example"] {
            if let value = try call.name(name) { arguments += ["--\(name)", value] }
        }
        var features: [String] = []
        for feature in call.strings("features") {
            features.append(try Self.checked(feature, for: "features"))
        }
        if !features.isEmpty { arguments += ["--features", features.joined(separator: ",")] }
        if call.bool("all_features") == true { arguments.append("--all-features") }
        // Benchmarks are built like a release.
        if call.bool("release") == true, subcommand != .bench { arguments.append("--release") }
        if call.bool("all_targets") == true { arguments.append("--all-targets") }
        if fixes { arguments.append("--fix") }
    }

    /// What belongs to the subcommand, and the caller's own arguments.
    private mutating func addOwn(_ call: Arguments) throws(OperationError) {
        let given = call.strings("args")
        guard given.allSatisfy({ !$0.utf8.contains(0) }) else {
            throw OperationError(
                .invalidArgument,
                "cannot use the argument args: it holds a zero byte; leave that out")
        }
        if subcommand == .run {
            if !given.isEmpty { arguments += ["--"] + given }
            return
        }
        let forCargo = given.prefix { $0 != "--" }
        for option in forCargo {
            let name = String(option.prefix { $0 != "=" })
            guard let remedy = Self.reserved[name] else { continue }
            throw OperationError(
                .invalidArgument, "cannot use \(name) in the argument args: \(remedy)")
        }
        switch subcommand {
        case .doc:
            if !forCargo.contains("--no-deps") { arguments.append("--no-deps") }
        case .test:
            if runsNothing { arguments.append("--no-run") }
            // Otherwise what comes after the first program with a failure is never run, nor counted.
            if !forCargo.contains("--no-fail-fast") { arguments.append("--no-fail-fast") }
            if let filter = try call.name("filter") { arguments.append(filter) }
        case .check, .clippy, .build, .bench, .run: break
        }
        arguments += given
    }

    /// Refuses what cargo would take for an option.
    fileprivate static func checked(
        _ value: String, for argument: String
    ) throws(OperationError) -> String {
        guard !value.hasPrefix("-"), !value.utf8.contains(0), !value.isEmpty else {
            throw OperationError(
                .invalidArgument,
                "cannot use the argument \(argument): \"\(value)\" is not a name; options go into args"
            )
        }
        return value
    }
}

extension Arguments {
    /// The value of an argument that is a name; nil for none, and for an empty one.
    fileprivate func name(_ argument: String) throws(OperationError) -> String? {
        guard let value = string(argument), !value.isEmpty else { return nil }
        return try CargoCommand.checked(value, for: argument)
    }
}
