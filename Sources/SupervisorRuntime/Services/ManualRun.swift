internal import AgentManifest
internal import LinuxIO

/// How somebody runs an agent by hand so that it is as when the supervisor runs it: with the same state,
/// and with the supervisor's sessions.
struct ManualRun {
    /// The program and its arguments.
    let command: [String]
    /// What its environment has to say.
    let environment: [String: String]

    /// Puts the command together.
    ///
    /// - Parameters:
    ///   - agent: The agent; it is to listen where it is expected.
    ///   - surroundings: What the supervisor says to agents.
    init(of agent: AgentSnapshot, in surroundings: ProcessStarter.Surroundings) {
        let manifest = agent.manifest
        var command = [manifest.executable] + manifest.arguments
        var environment = surroundings.variables(of: manifest).filter { !$0.value.isEmpty }
        switch manifest.listen {
        case .adopt: command += ["--port", String(agent.address.port ?? manifest.port)]
        case .unix: environment[ProcessStarter.listenVariable] = agent.address.description
        }
        self.command = command
        self.environment = environment
    }
}
