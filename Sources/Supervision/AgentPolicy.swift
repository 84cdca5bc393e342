package import AgentManifest

/// What the state machine of an agent goes by.
package struct AgentPolicy: Equatable, Sendable {
    /// How long it may take from its start until it serves.
    package var startTimeout: Duration
    /// How long it may take to end, before SIGKILL.
    package var gracePeriod: Duration
    /// How its health is asked for.
    package var probes: ProbePolicy
    /// When it is started again after a failure.
    package var restart = RestartPolicy()
    /// How long it stays when nothing needs it; `nil` if it always runs.
    package var idleTimeout: Duration?

    /// Takes the policy out of a manifest.
    ///
    /// - Parameters:
    ///   - manifest: The agent's manifest.
    ///   - idleTimeout: How long on-demand agents stay when nothing needs them.
    package init(_ manifest: AgentManifest, idleTimeout: Duration) {
        startTimeout = manifest.startTimeout
        gracePeriod = manifest.gracePeriod
        probes = manifest.probes
        self.idleTimeout = manifest.start == .demand ? idleTimeout : nil
    }
}
