import AgentAPI
import AgentClient
import ArgumentParser
import SwiftProtobuf

/// The verb `events`.
struct EventsCommand: SupervisorCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Shows what happened to the agents: each change of state, why, and what follows.",
        discussion: """
            The supervisor keeps the last 1000 changes. With --follow it stays, also while the supervisor is \
            replaced: what a new one has done by then is shown first.
            """)

    @OptionGroup var fleet: FleetAddress

    @Argument(help: "Only this agent.", completion: .agents)
    var agent: String?

    @Flag(name: .shortAndLong, help: "Stay, and show each change as it happens.")
    var follow = false

    @Option(
        name: [.customShort("n"), .long],
        help: "How many of the last changes; 0 for all that are kept, at most 1000.")
    var lines: UInt32 = 100

    @Flag(help: "Print one line of JSON for each change.")
    var json = false

    func run(with supervisor: SupervisorClient) async throws -> ExitStatus {
        let request = Op_Supervisor_V1_WatchEventsRequest.with {
            $0.agentID = agent ?? ""
            $0.last = lines
            $0.keptOnly = !follow
        }
        let palette = palette
        let line = { [json] (event: Op_Supervisor_V1_WatchEventsResponse) throws -> String in
            json ? try Report.json(EventReport(event)) : EventLine.text(event, palette)
        }
        guard follow else {
            let feed = EventFeed()
            try await supervisor.watchEvents(request) { feed.add($0) }
            show(try feed.take().events.map(line))
            return .fine
        }
        try await self.follow(supervisor, request, line)
        return .fine
    }

    private func follow(
        _ supervisor: SupervisorClient, _ request: Op_Supervisor_V1_WatchEventsRequest,
        _ line: (Op_Supervisor_V1_WatchEventsResponse) throws -> String
    ) async throws {
        let feed = EventFeed()
        let pid = try await supervisor.status().pid
        // An agent that does not exist is said at once, not asked for again and again.
        try await supervisor.watchEvents(
            .with {
                $0.agentID = request.agentID
                $0.last = 1
                $0.keptOnly = true
            }
        ) { _ in }
        try await withThrowingTaskGroup { group in
            group.addTask {
                await EventFollower(supervisor, feed, first: request).run(supervisorWithID: pid)
            }
            try await feed.print(line)
            group.cancelAll()
        }
    }
}
