import AgentAPI
import AgentClient
import ArgumentParser

/// The verb `logs`.
struct LogsCommand: SupervisorCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Shows the last lines that an agent wrote.")

    @OptionGroup var fleet: FleetAddress

    @Argument(help: "The agent's name, such as memory.", completion: .agents)
    var agent: String

    @Flag(name: .shortAndLong, help: "Stay, and show new lines as they come.")
    var follow = false

    @Option(
        name: [.customShort("n"), .long],
        help: "How many of the last lines; 0 for all that are kept, at most 1000.")
    var lines: UInt32 = 100

    func run(with supervisor: SupervisorClient) async throws -> ExitStatus {
        let palette = palette
        let last = LastSequence()
        try await supervisor.logs(of: agent, lines: lines, follow: follow) { line in
            for text in LogLine.texts(line, after: last.value, palette) {
                StandardStream.output.writeLine(text)
            }
            last.value = line.sequence
        }
        return .fine
    }
}
