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
        /// The whole status as one line of JSON after each transition.
        case json
    }

    /// How often the table is redrawn without a transition: memory, CPU time and ages change without one.
    private static let tick: Duration = .seconds(2)
    /// How long to wait for a supervisor that went away before it is asked again.
    private static let patience: Duration = .seconds(1)
    private static let shownEvents = 8

    private enum Moment: Sendable {
        case event(Op_Supervisor_V1_WatchEventsResponse)
        case tick
        case lost(AgentCallError)
    }

    private let supervisor: SupervisorClient
    private let style: Style
    private let palette: Palette

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
    /// - Parameter first: How the fleet is at the start.
    /// - Throws: Why the fleet could not be shown.
    func run(_ first: Op_Supervisor_V1_StatusResponse) async throws {
        let screen = style == .screen ? LiveScreen() : nil
        defer { screen?.leave() }
        let (moments, source) = AsyncStream.makeStream(of: Moment.self)
        try await withThrowingTaskGroup { group in
            group.addTask { await follow(into: source) }
            if style == .screen {
                group.addTask {
                    while !Task.isCancelled {
                        try await Task.sleep(for: Self.tick)
                        source.yield(.tick)
                    }
                }
            }
            try await present(first, moments, on: screen)
            group.cancelAll()
        }
    }

    /// Passes events on, and begins again after the last one where the supervisor was gone.
    private func follow(into source: AsyncStream<Moment>.Continuation) async {
        let last = LastSequence()
        while !Task.isCancelled {
            do throws(AgentCallError) {
                try await supervisor.watchEvents(afterSequence: last.value) { event in
                    last.value = event.sequence
                    source.yield(.event(event))
                }
            } catch {
                source.yield(.lost(error))
            }
            try? await Task.sleep(for: Self.patience)
        }
    }

    private func present(
        _ first: Op_Supervisor_V1_StatusResponse, _ moments: AsyncStream<Moment>,
        on screen: LiveScreen?
    ) async throws {
        var status = first
        var events: [Op_Supervisor_V1_WatchEventsResponse] = []
        var trouble: String?
        func draw() {
            guard let screen else { return }
            var lines = StatusView(status, now: WallClock.now).lines(palette)
            if let trouble { lines += ["", palette.paint(trouble.printable, .bad)] }
            lines += [""] + events.map { EventLine.text($0, palette) }
            screen.draw(lines)
        }
        draw()
        for await moment in moments {
            switch moment {
            case .event(let event):
                events = (events + [event]).suffix(Self.shownEvents)
                if style == .lines {
                    StandardStream.output.writeLine(EventLine.text(event, palette))
                }
            case .lost(let error):
                trouble = error.message
                if style != .screen {
                    StandardStream.error.writeLine("op-agents: \(error.message)")
                }
                draw()
                continue
            case .tick: break
            }
            if style == .lines { continue }
            do throws(AgentCallError) {
                status = try await supervisor.status()
                trouble = nil
            } catch {
                trouble = error.message
            }
            if style == .json, trouble == nil {
                StandardStream.output.writeLine(try Report.json(StatusReport(status)))
            }
            draw()
        }
    }
}
