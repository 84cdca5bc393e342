import AgentClient
import ArgumentParser

/// The verb `detach`.
struct DetachCommand: SupervisorCommand {
    static let configuration = CommandConfiguration(
        commandName: "detach",
        abstract: "Takes an agent back that was run by hand, and waits until it serves.",
        discussion: """
            End the process that you ran first: while one listens, this is refused. An on-demand agent waits \
            for its first call again; nothing happens to an agent that is not run by hand.
            """)

    @OptionGroup var fleet: FleetAddress

    @Argument(help: "The agent's name, such as memory.", completion: .agents)
    var agent: String

    func run(with supervisor: SupervisorClient) async throws -> ExitStatus {
        let status = try await supervisor.detach(agent)
        show([SteeringLine.text(status, palette)])
        return FleetHealth.isDown(status) ? .down : .fine
    }
}
