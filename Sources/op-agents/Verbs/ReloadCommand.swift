import AgentClient
import ArgumentParser

/// The verb `reload`.
struct ReloadCommand: SupervisorCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Makes the supervisor read its configuration again.",
        discussion: """
            Only agents whose own settings changed restart. A bad file changes nothing: try `op-agents config \
            check` first.
            """)

    @OptionGroup var fleet: FleetAddress

    func run(with supervisor: SupervisorClient) async throws -> ExitStatus {
        let changed = try await supervisor.reload()
        show([changed.isEmpty ? "nothing changed" : "changed: \(changed.joined(separator: ", "))"])
        return .fine
    }
}
