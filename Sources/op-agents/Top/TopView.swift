import AgentAPI
import AgentClient

/// What the agents do, as a table.
struct TopView {
    /// How the fleet is.
    var status: Op_Supervisor_V1_StatusResponse
    /// What its agents do.
    var agents: [AgentActivity]
    /// What they are sorted by.
    var order: TopOrder

    /// The lines to show.
    ///
    /// - Parameters:
    ///   - palette: Paints them.
    ///   - size: The room that there is; nil for as much as it takes.
    /// - Returns: A line on the fleet and the table. Columns that there is no room for are left out, the less
    ///   important first, and agents at the end are counted.
    func lines(_ palette: Palette, size: (lines: Int, columns: Int)? = nil) -> [String] {
        let head = [palette.paint(heading, .faint), ""]
        let table = table.lines(palette, width: size?.columns)
        guard let size, head.count + table.count > size.lines else { return head + table }
        let shown = table.prefix(max(1, size.lines - head.count - 1))
        let left = table.count - shown.count
        return head + shown + [palette.paint("and \(left) more", .faint)]
    }

    private var heading: String {
        let serving = agents.count { AgentState($0.status.state) == .serving }
        let down = agents.count { FleetHealth.isDown($0.status) }
        let calls = agents.reduce(0) { $0 + ($1.callsPerSecond ?? 0) }
        return [
            "\(serving) serving", "\(down) down",
            status.sessions == 1 ? "1 session" : "\(status.sessions) sessions",
            "\(Self.rate(calls)) calls/s",
        ].joined(separator: ", ")
    }

    private var table: Table {
        var table = Table([
            .init(heading: "AGENT"), .init(heading: "STATE", rank: 3),
            .init(heading: "PID", isNumber: true, rank: 5),
            .init(heading: "CPU%", isNumber: true, rank: 1),
            .init(heading: "MEMORY", isNumber: true, rank: 2),
            .init(heading: "CALLS/S", isNumber: true),
            .init(heading: "P50", isNumber: true, rank: 6),
            .init(heading: "P99", isNumber: true, rank: 4),
            .init(heading: "RESTARTS", isNumber: true, rank: 7),
        ])
        for agent in order.sorted(agents) { table.add(row(agent)) }
        return table
    }

    private func row(_ agent: AgentActivity) -> [Table.Cell] {
        let status = agent.status
        let runs = status.pid != 0
        return [
            Table.Cell(status.id),
            Table.Cell(StatusView.stateName(status), FleetHealth.style(status)),
            Table.Cell(runs ? "\(status.pid)" : ""),
            Table.Cell(runs ? agent.cpu.map { Self.rate($0 * 100) } ?? "" : ""),
            Table.Cell(runs ? HumanUnits.bytes(status.residentBytes) : ""),
            Table.Cell(agent.callsPerSecond.map(Self.rate) ?? ""),
            Table.Cell(agent.median.map(HumanUnits.duration) ?? ""),
            Table.Cell(agent.p99.map(HumanUnits.duration) ?? ""),
            Table.Cell("\(status.restarts)", status.restarts > 0 ? .changing : .plain),
        ]
    }

    /// A number with a decimal where that says something.
    private static func rate(_ value: Double) -> String {
        guard value < 99.95 else { return "\(Int64(clamping: Int128(value.rounded())))" }
        let tenths = Int64((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
