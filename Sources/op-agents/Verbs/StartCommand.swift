import AgentClient
import ArgumentParser

/// The verb `start`.
struct StartCommand: SupervisorCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Starts an agent and waits until it serves.")

    @OptionGroup var fleet: FleetAddress

    @Argument(help: "The agent's name, such as memory.", completion: .agents)
    var agent: String

    func run(with supervisor: SupervisorClient) async throws -> ExitStatus {
        let status = try await supervisor.start(agent)
        show([SteeringLine.text(status, palette)])
        return FleetHealth.isDown(status) ? .down : .fine
    }
}
