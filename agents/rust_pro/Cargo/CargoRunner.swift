internal import AgentRuntime

/// Runs cargo for the operations: finds the project, runs the program, passes its output on, and makes out the result.
struct CargoRunner: Sendable {
    let programs: any ProgramRunning
    let toolchain: RustToolchain
    private let paths: PathConfinement
    private let confinement: ProjectConfinement
    private let runs = SharedRuns()

    init(programs: any ProgramRunning, toolchain: RustToolchain, paths: PathConfinement) {
        self.programs = programs
        self.toolchain = toolchain
        self.paths = paths
        confinement = ProjectConfinement(programs: programs, paths: paths)
    }

    /// Runs a subcommand with live output.
    ///
    /// - Parameters:
    ///   - subcommand: What cargo is to do.
    ///   - call: The arguments of the call.
    ///   - sink: Takes the output as it is written.
    /// - Returns: What came of it; a failed build or test is a result.
    /// - Throws: ``OperationError`` where cargo could not be run, `CancellationError`, and what the sink throws. Nothing
    ///   of the run is left in any case.
    func run(
        _ subcommand: CargoSubcommand, _ call: Arguments, to sink: any OutputSink
    ) async throws -> OperationResult {
        let command = try CargoCommand(subcommand, call)
        let project = try CargoProject(at: call.string("path") ?? ".", within: paths)
        try confinement.check(command.paths, of: project)
        let cargo = try toolchain.cargo()
        guard command.isRepeatable else {
            return try await run(command, in: project, with: cargo, to: sink)
        }
        let key = SharedRuns.Key(command: command, project: project)
        return try await runs.result(of: key, to: sink) { output in
            try await run(command, in: project, with: cargo, to: output)
        }
    }

    private func run(
        _ command: CargoCommand, in project: CargoProject, with cargo: String,
        to sink: any OutputSink
    ) async throws -> OperationResult {
        let program = Program(
            executable: cargo, arguments: command.arguments,
            environment: toolchain.environment
                .merging(command.environment) { _, given in given }
                .merging(command.terminal) { _, own in own },
            directory: project.directory, input: command.input, timeLimit: command.timeLimit)
        try await confinement.checkWorkspace(
            of: project, cargo: cargo, environment: program.environment)
        var output = CargoOutput(of: command.subcommand, keepsColor: command.keepsColor)
        let start = ContinuousClock.now
        let end = try await programs.run(program) { stream, bytes in
            for piece in output.receive(bytes, from: stream) {
                try await sink.write(piece.bytes, to: piece.stream)
            }
        }
        for piece in output.finish() { try await sink.write(piece.bytes, to: piece.stream) }
        if let error = output.cargoErrors.first {
            try MissingComponent.check(error, running: "cargo \(command.subcommand.rawValue)")
        }
        return CargoResult(
            command: command, output: output, end: end, duration: ContinuousClock.now - start
        ).operationResult
    }
}

extension CargoCommand {
    /// Whether two callers may share a run: it only reads sources, and is given nothing to read itself.
    fileprivate var isRepeatable: Bool { subcommand != .run && !fixes }

    /// cargo's progress bar, which is drawn for terminals only, and its colours (The Cargo Book, Configuration, term).
    fileprivate var terminal: [String: String] {
        [
            "CARGO_TERM_PROGRESS_WHEN": "always",
            "CARGO_TERM_PROGRESS_WIDTH": "120",
            "CARGO_TERM_COLOR": keepsColor ? "always" : "never",
        ]
    }
}
