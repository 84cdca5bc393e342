import AgentAPI
import FoundationEssentials
import SwiftProtobuf

/// The open sessions as `sessions --json` prints them, for programs.
struct SessionsReport: Encodable {
    /// One session.
    struct Session: Encodable {
        var sessionID: String
        var clientName: String
        var metadata: [String: String]
        var startedAt: Date?
        var lastCallAt: Date?
        var expiresAt: Date?
        var activeCalls: UInt32
        var agents: [String]
    }

    var sessions: [Session]

    /// Takes over the sessions.
    ///
    /// - Parameter sessions: The sessions.
    init(_ sessions: [Op_Supervisor_V1_SessionInfo]) {
        self.sessions = sessions.map { session in
            Session(
                sessionID: session.sessionID, clientName: session.clientName,
                metadata: session.metadata,
                startedAt: session.hasStartedAt ? Date(session.startedAt) : nil,
                lastCallAt: session.hasLastCallAt ? Date(session.lastCallAt) : nil,
                expiresAt: session.hasExpiresAt ? Date(session.expiresAt) : nil,
                activeCalls: session.activeCalls, agents: session.agents)
        }
    }
}
