import AgentClient
import ArgumentParser

/// The verb `operations`.
struct OperationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operations",
        abstract: "Lists what an agent can do.")

    @OptionGroup var fleet: FleetAddress

    @Argument(help: "The agent's name, such as memory.", completion: .agents)
    var agent: String

    @Option(help: "Show the JSON schema of this operation's arguments instead.")
    var schema: String?

    func run() async throws {
        let operations = try await OperationCaller.withClient(of: fleet) { client in
            try await client.operations(of: agent)
        }
        guard let schema else {
            let palette = Palette(
                isTerminal: StandardStream.output.isTerminal,
                environment: ProcessFacts.environment)
            for line in OperationsView.lines(operations, palette) {
                StandardStream.output.writeLine(line)
            }
            return
        }
        guard
            let operation = operations.first(where: {
                $0.name == schema || $0.aliases.contains(schema)
            })
        else {
            throw CommandFailure(
                status: .refused,
                message: """
                    cannot show the schema of \(schema): \(agent) has no such operation; choose one of \
                    \(operations.map(\.name).joined(separator: ", "))
                    """)
        }
        StandardStream.output.writeLine(JSONLayout.indent(operation.argumentsSchema))
    }
}
