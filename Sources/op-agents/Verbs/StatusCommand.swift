import AgentClient
import ArgumentParser

/// The verb `status`.
struct StatusCommand: SupervisorCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows how the agents are.",
        discussion: """
            Exits with 1 where an agent is down; an on-demand agent that waits for its first call is not.
            """)

    @OptionGroup var fleet: FleetAddress

    @Flag(help: "Print JSON; with --watch one line for each change.")
    var json = false

    @Flag(name: .shortAndLong, help: "Stay, and show each change as it happens.")
    var watch = false

    func run(with supervisor: SupervisorClient) async throws -> ExitStatus {
        let status = try await supervisor.status()
        if watch {
            try await FleetWatch(supervisor, style: watchStyle, palette: palette).run(status)
        } else if json {
            show([JSONLayout.indent(try Report.json(StatusReport(status)))])
        } else {
            show(StatusView(status, now: WallClock.now).lines(palette))
        }
        return FleetHealth.exitStatus(status)
    }

    private var watchStyle: FleetWatch.Style {
        if json { return .json }
        return StandardStream.output.isTerminal ? .screen : .lines
    }
}
