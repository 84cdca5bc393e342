import AgentClient
import ArgumentParser

/// The verb `stop`.
struct StopCommand: SupervisorCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stops an agent and waits until its processes are gone.",
        discussion: "It stays stopped until it is started again.")

    @OptionGroup var fleet: FleetAddress

    @Argument(help: "The agent's name, such as memory.", completion: .agents)
    var agent: String

    func run(with supervisor: SupervisorClient) async throws -> ExitStatus {
        let status = try await supervisor.stop(agent)
        show([SteeringLine.text(status, palette)])
        return .fine
    }
}
