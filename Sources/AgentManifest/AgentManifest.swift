/// What the fleet knows about one agent: how to run it, reach it and judge its health.
///
/// Read from the agent's `agent.toml`, with the overrides of the fleet's configuration applied.
package struct AgentManifest: Equatable, Sendable {
    /// The agent's name.
    package let id: AgentID
    /// One line that says what it does.
    package var description = ""
    /// The absolute path of its program.
    package var executable: String
    /// Its arguments, the program's name not among them.
    package var arguments: [String] = []
    /// The loopback port that it serves.
    package var port: UInt16
    /// How it comes to listen there; by default it takes over the port's socket.
    package var listen: ListenPolicy = .adopt
    /// What its environment has beyond the supervisor's.
    package var environment: [String: String] = [:]
    /// The names of its operations.
    package var operations: [String] = []
    /// How its health is asked for.
    package var probes = ProbePolicy()
    /// What its process may take.
    package var limits = ResourceLimits()
    /// How long it may take to end after SIGTERM, before SIGKILL; 10 s by default.
    package var gracePeriod: Duration = .seconds(10)
    /// How long it may take from its start until it serves; 10 s by default.
    package var startTimeout: Duration = .seconds(10)
    /// When it is started.
    package var start: StartPolicy = .demand

    /// Makes a manifest with defaults for all that need not be said.
    ///
    /// - Parameters:
    ///   - id: The agent's name.
    ///   - executable: The absolute path of its program.
    ///   - port: The loopback port that it serves.
    package init(id: AgentID, executable: String, port: UInt16) {
        self.id = id
        self.executable = executable
        self.port = port
    }
}
