import AgentClient
import ArgumentParser

/// The verb `sessions`.
struct SessionsCommand: SupervisorCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions",
        abstract: "Shows the open sessions.")

    @OptionGroup var fleet: FleetAddress

    @Flag(help: "Print JSON.")
    var json = false

    func run(with supervisor: SupervisorClient) async throws -> ExitStatus {
        let sessions = try await supervisor.sessions()
        if json {
            show([JSONLayout.indent(try Report.json(SessionsReport(sessions)))])
        } else {
            show(SessionsView(sessions, now: WallClock.now).lines(palette))
        }
        return .fine
    }
}
