internal import AgentRuntime
private import Synchronization

/// Runs a limited number of programs at once, and refuses more.
final class BoundedProgramRunner: ProgramRunning {
    private let runner: any ProgramRunning
    private let most: Int
    private let running = Mutex(0)

    /// Creates a runner.
    ///
    /// - Parameters:
    ///   - runner: Runs the programs.
    ///   - most: How many run at once.
    init(_ runner: any ProgramRunning, most: Int) {
        self.runner = runner
        self.most = most
    }

    func run(
        _ program: Program, output: (ProgramStream, [UInt8]) async throws -> Void
    ) async throws -> ProgramEnd {
        let isAdmitted = running.withLock { running in
            guard running < most else { return false }
            running += 1
            return true
        }
        guard isAdmitted else {
            throw OperationError(
                .resourceExhausted,
                "cannot run \(program.executable): \(most) programs are running for other calls; try again later"
            )
        }
        defer { running.withLock { $0 -= 1 } }
        return try await runner.run(program, output: output)
    }
}
