import AgentAPI
import AgentClient
import SwiftProtobuf

/// The fleet as a table, with a word on what is wrong.
struct StatusView {
    private let status: Op_Supervisor_V1_StatusResponse
    private let now: Google_Protobuf_Timestamp

    /// Creates the view.
    ///
    /// - Parameters:
    ///   - status: How the fleet is.
    ///   - now: The present moment.
    init(_ status: Op_Supervisor_V1_StatusResponse, now: Google_Protobuf_Timestamp) {
        self.status = status
        self.now = now
    }

    /// The lines to show.
    ///
    /// - Parameter palette: Paints them.
    /// - Returns: A line on the supervisor, the table, and a line for each thing that is wrong.
    func lines(_ palette: Palette) -> [String] {
        var lines = [palette.paint(heading, .faint), ""]
        lines += table.lines(palette)
        let remarks = remarks(palette)
        if !remarks.isEmpty { lines += [""] + remarks }
        return lines
    }

    private var heading: String {
        var parts = ["op-supervisor \(status.version)", "pid \(status.pid)"]
        if status.hasStartedAt {
            let age = WallClock.time(since: status.startedAt, at: now)
            parts.append("up \(HumanUnits.duration(age))")
        }
        parts.append(status.sessions == 1 ? "1 session" : "\(status.sessions) sessions")
        return parts.joined(separator: ", ").printable
    }

    private var table: Table {
        var table = Table([
            .init(heading: "AGENT"), .init(heading: "STATE"), .init(heading: "PID", isNumber: true),
            .init(heading: "UP", isNumber: true), .init(heading: "RESTARTS", isNumber: true),
            .init(heading: "MEMORY", isNumber: true), .init(heading: "CPU", isNumber: true),
            .init(heading: "CALLS", isNumber: true), .init(heading: "ADDRESS"),
        ])
        for agent in status.agents { table.add(row(agent)) }
        return table
    }

    private func row(_ agent: Op_Supervisor_V1_AgentStatus) -> [Table.Cell] {
        let runs = agent.pid != 0
        let uptime =
            agent.hasServingSince
            ? HumanUnits.duration(WallClock.time(since: agent.servingSince, at: now)) : ""
        return [
            Table.Cell(agent.id),
            Table.Cell(Self.stateName(agent), FleetHealth.style(agent)),
            Table.Cell(runs ? "\(agent.pid)" : ""),
            Table.Cell(uptime),
            Table.Cell("\(agent.restarts)", agent.restarts > 0 ? .changing : .plain),
            Table.Cell(runs ? HumanUnits.bytes(agent.residentBytes) : ""),
            Table.Cell(
                runs ? HumanUnits.duration(.microseconds(Int64(clamping: agent.cpuUs))) : ""),
            Table.Cell("\(agent.activeCalls)"),
            Table.Cell(agent.address, .faint),
        ]
    }

    /// How an agent's state is called in tables.
    ///
    /// - Parameter agent: How it is.
    /// - Returns: The name.
    static func stateName(_ agent: Op_Supervisor_V1_AgentStatus) -> String {
        let state = AgentState(agent.state)
        // Stopped is how an on-demand agent waits: the table should not look alarming.
        return state == .stopped && agent.onDemand ? "on demand" : state.rawValue
    }

    private func remarks(_ palette: Palette) -> [String] {
        var remarks = status.agents.filter(FleetHealth.isDown).compactMap { agent in
            var parts: [String] = []
            if AgentState(agent.state) == .external {
                parts.append(
                    "is run by hand and does not answer; start it, or op-agents detach \(agent.id)")
            } else if !agent.lastError.isEmpty {
                parts.append(agent.lastError.printable)
            }
            if agent.hasNextStartAt {
                let wait = WallClock.time(since: now, at: agent.nextStartAt)
                parts.append("starts again in \(HumanUnits.duration(wait))")
            }
            return parts.isEmpty
                ? nil : palette.paint("\(agent.id): ", .bad) + parts.joined(separator: "; ")
        }
        if !status.shutdown.isEmpty {
            remarks.append(palette.paint("stopping: ", .changing) + status.shutdown.printable)
        }
        return remarks
    }
}
