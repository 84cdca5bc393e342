import AgentAPI
import SwiftProtobuf

/// The open sessions as a table.
struct SessionsView {
    private let sessions: [Op_Supervisor_V1_SessionInfo]
    private let now: Google_Protobuf_Timestamp

    /// Creates the view.
    ///
    /// - Parameters:
    ///   - sessions: The sessions.
    ///   - now: The present moment.
    init(_ sessions: [Op_Supervisor_V1_SessionInfo], now: Google_Protobuf_Timestamp) {
        self.sessions = sessions
        self.now = now
    }

    /// The lines to show.
    ///
    /// - Parameter palette: Paints them.
    /// - Returns: The table, or a sentence where there is no session.
    func lines(_ palette: Palette) -> [String] {
        guard !sessions.isEmpty else { return ["no session is open"] }
        var table = Table([
            .init(heading: "SESSION"), .init(heading: "CLIENT"),
            .init(heading: "AGE", isNumber: true), .init(heading: "IDLE", isNumber: true),
            .init(heading: "ENDS IN", isNumber: true), .init(heading: "CALLS", isNumber: true),
            .init(heading: "KEEPS"), .init(heading: "METADATA"),
        ])
        for session in sessions {
            let metadata = session.metadata.sorted { $0.key < $1.key }
                .map { "\($0.key)=\($0.value)" }
            table.add([
                Table.Cell(session.sessionID),
                Table.Cell(session.clientName),
                Table.Cell(session.hasStartedAt ? age(session.startedAt) : ""),
                Table.Cell(session.hasLastCallAt ? age(session.lastCallAt) : ""),
                Table.Cell(session.hasExpiresAt ? wait(session.expiresAt) : ""),
                Table.Cell("\(session.activeCalls)"),
                Table.Cell(session.agents.joined(separator: ",")),
                Table.Cell(metadata.joined(separator: " "), .faint),
            ])
        }
        return table.lines(palette)
    }

    private func age(_ moment: Google_Protobuf_Timestamp) -> String {
        HumanUnits.duration(WallClock.time(since: moment, at: now))
    }

    private func wait(_ moment: Google_Protobuf_Timestamp) -> String {
        HumanUnits.duration(WallClock.time(since: now, at: moment))
    }
}
