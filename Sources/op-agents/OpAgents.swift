import ArgumentParser
import Glibc

/// The operator's command.
@main
struct OpAgents: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "op-agents",
        abstract: "Shows and steers a fleet of agents.",
        discussion: ExitStatus.help,
        version: "0.1.0",
        groupedSubcommands: [
            CommandGroup(
                name: "Looking",
                subcommands: [
                    StatusCommand.self, TopCommand.self, EventsCommand.self, LogsCommand.self,
                    SessionsCommand.self, DoctorCommand.self,
                ]),
            CommandGroup(
                name: "Steering",
                subcommands: [
                    StartCommand.self, StopCommand.self, RestartCommand.self, ReloadCommand.self,
                    AttachCommand.self, DetachCommand.self, ConfigCommand.self,
                ]),
            CommandGroup(
                name: "Calling",
                subcommands: [CallCommand.self, OperationsCommand.self, ArtifactCommand.self]),
        ])

    /// Runs the command; a failure is one sentence on standard error and an exit status of its own.
    static func main() async {
        do {
            var command = try await asyncParseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            StandardStream.error.writeLine("op-agents: \(failure.message)")
            exit(withError: failure.status.exit)
        } catch {
            exit(withError: error)
        }
    }
}
