import Supervision

/// The changes of state that there may be, written down by hand.
enum LegalTransitions {
    /// Whether one state may follow another.
    static func contains(_ from: AgentState.Kind, _ to: AgentState.Kind) -> Bool {
        table[from]?.contains(to) ?? false
    }

    private static let table: [AgentState.Kind: Set<AgentState.Kind>] = [
        .stopped: [.starting, .external],
        // To starting: it failed, for the first time after a healthy minute.
        .starting: [.starting, .serving, .draining, .backingOff, .degraded, .stopped],
        .serving: [.unhealthy, .draining, .starting, .backingOff, .degraded, .stopped],
        .unhealthy: [.serving, .draining, .starting, .backingOff, .degraded, .stopped],
        // To draining: what follows it, or how it is ended, changed.
        .draining: [.draining, .stopped, .starting, .backingOff, .degraded, .external],
        .backingOff: [.starting, .stopped, .external],
        .degraded: [.starting, .stopped, .external],
        // To external: whether it answers changed.
        .external: [.external, .starting, .stopped],
    ]
}
