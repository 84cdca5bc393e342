internal import AgentRuntime

/// Formats a project with rustfmt, or says what that would change.
struct CargoFormatter: Sendable {
    /// The most of a difference that is answered, in bytes.
    static let longestDifference = 1 << 20
    private static let timeLimit = Duration.seconds(120)

    let programs: any ProgramRunning
    let toolchain: RustToolchain
    let paths: PathConfinement

    /// Runs `cargo fmt`.
    ///
    /// - Parameter call: The arguments of the call: path, check.
    /// - Returns: The difference; no success where there is one and nothing was to be changed.
    /// - Throws: ``OperationError`` where it could not be run, and `CancellationError`.
    func run(_ call: Arguments) async throws -> OperationResult {
        let project = try CargoProject(at: call.string("path") ?? ".", within: paths)
        let cargo = try toolchain.cargo()
        try await ProjectConfinement(programs: programs, paths: paths)
            .checkWorkspace(of: project, cargo: cargo, environment: toolchain.environment)
        var program = Program(
            executable: cargo, arguments: ["fmt", "--check"], environment: toolchain.environment,
            directory: project.directory, timeLimit: Self.timeLimit)
        let checked = try await programs.output(of: program)
        let difference = checked.stdoutText
        if checked.end != .exited(0), difference.isEmpty { return try failure(checked) }
        guard call.bool("check") == false, !difference.isEmpty else {
            return result(
                difference, isFormatted: difference.isEmpty, exitCode: checked.end.exitCode)
        }
        program.arguments = ["fmt"]
        let formatted = try await programs.output(of: program)
        guard formatted.end == .exited(0) else { return try failure(formatted) }
        return OperationResult(
            summary: "formatted \(difference.changedPlaces)", exitCode: 0,
            fields: ["diff": .string(difference.shortened(to: Self.longestDifference))])
    }

    private func result(
        _ difference: String, isFormatted: Bool, exitCode: Int32
    ) -> OperationResult {
        OperationResult(
            summary: isFormatted
                ? "the sources are formatted" : "rustfmt would change \(difference.changedPlaces)",
            success: isFormatted,
            error: isFormatted
                ? nil
                : "cannot call the sources formatted: rustfmt would change \(difference.changedPlaces); send check=false to do it",
            exitCode: exitCode,
            fields: ["diff": .string(difference.shortened(to: Self.longestDifference))])
    }

    /// Sources that cannot be read are an answer; a formatter that is missing is none.
    private func failure(_ output: ProgramOutput) throws(OperationError) -> OperationResult {
        let text = TerminalEscapes.removed(from: output.stderrText)
        let lines = text.split(separator: "\n")
        let error = lines.first { $0.hasPrefix("error") } ?? lines.first ?? "no reason was given"
        let message = error.hasPrefix("error: ") ? error.dropFirst("error: ".count) : error
        try MissingComponent.check(String(message), running: "cargo fmt")
        return OperationResult(
            summary: "fmt failed: \(message)", success: false,
            error: "cannot format the sources: \(message)", exitCode: output.end.exitCode,
            fields: ["diff": "", "messages": .string(text.shortened(to: Self.longestDifference))])
    }
}

extension String {
    /// How many places a difference of rustfmt changes.
    fileprivate var changedPlaces: String {
        split(separator: "\n").filter { $0.hasPrefix("Diff in ") }.count.counted("place")
    }
}
