/// The whole configuration of a fleet, checked: every agent has a program and a port of its own.
package struct FleetConfiguration: Equatable, Sendable {
    /// The file it came from; `nil` if there is none and all is default.
    package var file: String?
    /// How programs of the same machine call the fleet.
    package var client: ClientSettings
    /// Where the supervisor listens, whom it serves and where it keeps things.
    package var supervisor: SupervisorSettings
    /// How long sessions last.
    package var sessions: SessionSettings
    /// When run-on-connection agents are started.
    package var start: FleetStart
    /// The agents: those that run on connection first, in the order in which they start.
    package var agents: [AgentManifest]
    /// What is worth saying and not wrong, a sentence each.
    package var notes: [String]

    /// Puts a configuration together.
    ///
    /// - Parameters:
    ///   - file: The file it came from, if any.
    ///   - client: How programs call the fleet.
    ///   - supervisor: Where the supervisor listens and keeps things.
    ///   - sessions: How long sessions last.
    ///   - start: When run-on-connection agents are started.
    ///   - agents: The agents in the order in which they start.
    ///   - notes: What is worth saying.
    package init(
        file: String? = nil, client: ClientSettings = ClientSettings(),
        supervisor: SupervisorSettings, sessions: SessionSettings = SessionSettings(),
        start: FleetStart = .boot, agents: [AgentManifest] = [], notes: [String] = []
    ) {
        self.file = file
        self.client = client
        self.supervisor = supervisor
        self.sessions = sessions
        self.start = start
        self.agents = agents
        self.notes = notes
    }
}
