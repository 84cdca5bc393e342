import AgentAPI
import AgentClient

/// Follows a fleet: `status --watch`.
struct FleetWatch {
    /// How changes are shown.
    enum Style {
        /// The table in place, on a terminal.
        case screen
        /// A line for each transition.
        case lines
        /// The whole status as one line of JSON after each change.
        case json
    }

    /// How often the table is redrawn without a transition: memory, CPU time and ages change without one.
    private static let tick: Duration = .seconds(2)
    private static let shownEvents = 8

    private let supervisor: SupervisorClient
    private let style: Style
    private let palette: Palette
    private let feed = EventFeed()

    /// Creates the watch.
    ///
    /// - Parameters:
    ///   - supervisor: Whom to ask.
    ///   - style: How changes are shown.
    ///   - palette: Paints them.
    init(_ supervisor: SupervisorClient, style: Style, palette: Palette) {
        self.supervisor = supervisor
        self.style = style
        self.palette = palette
    }

    /// Shows the fleet until the task is cancelled or the program ends.
    ///
    /// - Parameter status: How the fleet is at the start.
    /// - Throws: Why the fleet could not be shown.
    func run(_ status: Op_Supervisor_V1_StatusResponse) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask {
                await EventFollower(supervisor, feed).run(supervisorWithID: status.pid)
            }
            switch style {
            case .screen:
                group.addTask {
                    while !Task.isCancelled {
                        try await Task.sleep(for: Self.tick)
                        feed.touch()
                    }
                }
                await drawTable(status)
            case .lines: await printLines()
            case .json: try await printReports()
            }
            group.cancelAll()
        }
    }

    private func drawTable(_ first: Op_Supervisor_V1_StatusResponse) async {
        let screen = LiveScreen()
        defer { screen.leave() }
        var status = first
        var events: [Op_Supervisor_V1_WatchEventsResponse] = []
        feed.touch()
        for await _ in feed.changes {
            events = (events + feed.take().events).suffix(Self.shownEvents)
            var lines: [String]
            do throws(AgentCallError) {
                status = try await supervisor.status()
                lines = StatusView(status, now: WallClock.now).lines(palette)
            } catch {
                lines = StatusView(status, now: WallClock.now).lines(palette)
                lines += ["", palette.paint(error.message.printable, .bad)]
            }
            if !events.isEmpty { lines += [""] + events.map { EventLine.text($0, palette) } }
            screen.draw(lines)
        }
    }

    private func printLines() async {
        await feed.print { EventLine.text($0, palette) }
    }

    private func printReports() async throws {
        feed.touch()
        for await _ in feed.changes {
            if let trouble = feed.take().trouble {
                complain(trouble)
                continue
            }
            do {
                let report = StatusReport(try await supervisor.status())
                StandardStream.output.writeLine(try Report.json(report))
            } catch let error as AgentCallError {
                complain(error.message)
            }
        }
    }

    private func complain(_ trouble: String?) {
        if let trouble { StandardStream.error.writeLine("op-agents: \(trouble)") }
    }
}
