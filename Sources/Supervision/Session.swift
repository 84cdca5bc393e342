package import AgentManifest

/// What is known of a client that uses the fleet for a while.
package struct Session: Equatable, Sendable, Codable {
    /// The session's name.
    package let id: SessionID
    /// The kind of client, such as `op-chat`; may be empty.
    package let client: String
    /// What the client said about itself.
    package let metadata: [String: String]
    /// When it was started.
    package let startedAt: Instant
    /// When it last started or ended a call or renewed its lease.
    package internal(set) var lastUsedAt: Instant
    /// How many of its calls run.
    package internal(set) var activeCalls = 0
    /// The agents that are kept for it: prewarmed or used.
    package internal(set) var agents: Set<AgentID> = []
    /// The agents that it called.
    package internal(set) var usedAgents: Set<AgentID> = []
    /// How many `Session` streams it has open.
    var streams = 0
    /// When its last stream ended; `nil` while one is open, if there was none, or if the session was
    /// renewed since: then its client still is there.
    var streamEndedAt: Instant?

    /// Starts a session.
    init(id: SessionID, client: String, metadata: [String: String], at now: Instant) {
        self.id = id
        self.client = client
        self.metadata = metadata
        startedAt = now
        lastUsedAt = now
    }

    /// When the session ends unless it is used; `nil` while a call of it runs.
    func expiry(_ policy: SessionPolicy) -> Instant? {
        guard activeCalls == 0 else { return nil }
        // A call may have ended after the stream.
        guard let streamEndedAt else { return lastUsedAt.advanced(by: policy.lease) }
        return max(streamEndedAt, lastUsedAt).advanced(by: policy.grace)
    }
}
