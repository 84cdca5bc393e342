/// Runs programs.
protocol ProgramRunning: Sendable {
    /// Runs a program to its end, and passes on what it writes as it writes it.
    ///
    /// Whether it returns or throws: nothing that the program started runs any more.
    ///
    /// - Parameters:
    ///   - program: What to run.
    ///   - output: Takes bytes, cut anywhere; the program waits while it does. What it throws ends the program.
    /// - Returns: How the program ended.
    /// - Throws: ``OperationError`` where it could not be started or ran out of time, `CancellationError`, and what
    ///   `output` throws.
    func run(
        _ program: Program, output: (ProgramStream, [UInt8]) async throws -> Void
    ) async throws -> ProgramEnd
}

extension ProgramRunning {
    /// Runs a program and keeps what it writes.
    ///
    /// - Parameter program: What to run; something that writes little.
    /// - Returns: How it ended, and what it wrote.
    /// - Throws: As ``run(_:output:)``.
    func output(of program: Program) async throws -> ProgramOutput {
        var output = ProgramOutput(end: .exited(0))
        output.end = try await run(program) { stream, bytes in
            switch stream {
            case .stdout: output.stdout += bytes
            case .stderr: output.stderr += bytes
            }
        }
        return output
    }
}

/// How a program ended, and what it wrote.
struct ProgramOutput: Sendable {
    var end: ProgramEnd
    var stdout: [UInt8] = []
    var stderr: [UInt8] = []

    var stdoutText: String { String(decoding: stdout, as: UTF8.self) }
    var stderrText: String { String(decoding: stderr, as: UTF8.self) }
}
