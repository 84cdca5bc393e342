package import AgentAPI
internal import GRPCCore
internal import Supervision

/// Tells calls which sessions exist, and ends them with their session.
package struct FleetSessions: SessionValidating {
    private let fleet: Fleet

    /// Prepares to answer for a fleet's sessions.
    ///
    /// - Parameter fleet: Has the sessions.
    package init(_ fleet: Fleet) {
        self.fleet = fleet
    }

    package func register(_ call: RunningCall, in sessionID: String) async throws {
        let isKnown = await fleet.withSession(sessionID) { $0.register(call, in: $1) }
        guard isKnown == true else { throw RPCError.unknownSession(sessionID) }
    }

    package func unregister(_ call: RunningCall, from sessionID: String) {
        later(sessionID) { $0.unregister(call, from: $1) }
    }

    package func renew(_ sessionID: String) async throws {
        let isKnown = await fleet.withSession(sessionID) { $0.renew($1) }
        guard isKnown == true else { throw RPCError.unknownSession(sessionID) }
    }

    package func conversationBegan(in sessionID: String) {
        later(sessionID) { $0.openStream(of: $1) }
    }

    package func conversationEnded(in sessionID: String) {
        later(sessionID) { $0.closeStream(of: $1) }
    }

    /// What is told here need not be waited for; the loop keeps it in order.
    private func later(
        _ sessionID: String,
        _ body: @escaping @Sendable (SessionRegistry, Supervision.SessionID) -> Void
    ) {
        fleet.later { _ = $0.withSession(sessionID, body) }
    }
}

extension Fleet {
    /// Does something with the sessions, for one that has a valid name.
    func withSession<Result>(
        _ sessionID: String, _ body: (SessionRegistry, Supervision.SessionID) -> Result
    ) -> Result? {
        Supervision.SessionID(rawValue: sessionID).map { body(sessions, $0) }
    }
}
