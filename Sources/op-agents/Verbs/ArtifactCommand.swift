import AgentClient
import ArgumentParser
import FoundationEssentials

/// The verb `artifact`.
struct ArtifactCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "artifact",
        abstract: "Prints the whole output of which a result shows a part.",
        discussion: "A result that was cut says `truncated` and names its `artifact_id`.")

    @OptionGroup var fleet: FleetAddress

    @Argument(help: "The agent that has it, such as rust_pro.", completion: .agents)
    var agent: String

    @Argument(help: "The artifact_id of the result.")
    var id: String

    /// What is read with one call, in bytes: the most that the operation gives.
    private static let rangeSize = 1 << 20

    private struct Range: Encodable {
        var id: String
        var offset: Int64
        var limit = ArtifactCommand.rangeSize
    }

    private struct Answer: Decodable {
        var content: String
        /// Absent after the last range.
        var next_offset: Int64?
    }

    func run() async throws {
        try await OperationCaller.withClient(of: fleet) { client in
            var offset: Int64? = 0
            while let start = offset {
                let result = try await client.execute(
                    AgentCall(
                        agent: agent, operation: "artifact",
                        arguments: try Report.json(Range(id: id, offset: start))))
                let answer = try decode(result)
                StandardStream.output.write(answer.content)
                // A range that does not move on would be read for ever.
                offset = answer.next_offset.flatMap { $0 > start ? $0 : nil }
            }
        }
    }

    private func decode(_ result: AgentResult) throws(CommandFailure) -> Answer {
        do {
            return try JSONDecoder().decode(Answer.self, from: Data(result.json.utf8))
        } catch {
            throw CommandFailure(
                status: .refused,
                message: "cannot read artifact \(id): \(agent) answered \(result.json)")
        }
    }
}
