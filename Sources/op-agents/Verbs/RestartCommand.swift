import AgentClient
import ArgumentParser

/// The verb `restart`.
struct RestartCommand: SupervisorCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart",
        abstract: "Stops an agent, starts it and waits until it serves.",
        discussion: "Connections to its port wait meanwhile; none is refused.")

    @OptionGroup var fleet: FleetAddress

    @Argument(help: "The agent's name, such as memory.", completion: .agents)
    var agent: String

    func run(with supervisor: SupervisorClient) async throws -> ExitStatus {
        let status = try await supervisor.restart(agent)
        show([SteeringLine.text(status, palette)])
        return FleetHealth.isDown(status) ? .down : .fine
    }
}
