import AgentAPI
import AgentClient
import ArgumentParser
import Glibc

/// The verb `attach`.
struct AttachCommand: SupervisorCommand {
    static let configuration = CommandConfiguration(
        commandName: "attach",
        abstract: "Leaves an agent to you, to run it by hand, and says how.",
        discussion: """
            The supervisor ends its own process of the agent and closes its port. Calls go to the process that \
            you run; it is shown, probed and never signalled, until `op-agents detach` takes the agent back.

            Where systemd holds the agent's port (op-supervisor.socket), run it on another: give --port.
            """)

    @OptionGroup var fleet: FleetAddress

    @Argument(help: "The agent's name, such as memory.", completion: .agents)
    var agent: String

    @Option(help: "The port of 127.0.0.1 where you will run it; by default its own.")
    var port: UInt16?

    func validate() throws {
        if port == 0 { throw ValidationError("--port takes a number from 1 to 65535.") }
    }

    func run(with supervisor: SupervisorClient) async throws -> ExitStatus {
        let answer = try await supervisor.attach(agent, port: port)
        show([
            "\(SteeringLine.text(answer.agent, palette)), at \(answer.agent.address.printable)",
            "run it with:",
            "  \(ManualCommandLine.text(answer, userID: getuid()))",
            "take it back with:",
            "  op-agents detach \(agent)",
        ])
        return .fine
    }
}
