import AgentClient
import ArgumentParser

/// A command that asks the supervisor.
protocol SupervisorCommand: AsyncParsableCommand {
    /// Where it listens.
    var fleet: FleetAddress { get }

    /// Does what the command is for.
    ///
    /// - Parameter supervisor: Connected with the first call, closed afterwards.
    /// - Returns: How the program ends.
    /// - Throws: Why the supervisor did not answer.
    func run(with supervisor: SupervisorClient) async throws -> ExitStatus
}

extension SupervisorCommand {
    /// Connects and runs.
    func run() async throws {
        let status: ExitStatus
        do {
            let supervisor = try SupervisorClient(address: fleet.resolved())
            status = try await run(with: supervisor)
            await supervisor.close()
        } catch let error as AgentCallError {
            throw CommandFailure(error)
        }
        if status != .fine { throw status.exit }
    }

    /// Paints what goes to standard output.
    var palette: Palette {
        Palette(
            isTerminal: StandardStream.output.isTerminal, environment: ProcessFacts.environment)
    }

    /// Shows lines.
    ///
    /// - Parameter lines: The lines.
    func show(_ lines: [String]) {
        StandardStream.output.write(lines.map { $0 + "\n" }.joined())
    }
}
