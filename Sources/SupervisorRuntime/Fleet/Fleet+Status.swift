internal import AgentManifest
internal import Supervision

extension Fleet {
    /// One line for `systemctl status`: how many agents serve, and who is in trouble.
    package var statusLine: String {
        if isStopping { return shutdownProgress }
        let agents = snapshots
        let serving = agents.count { $0.state.acceptsCalls }
        let sessions = sessionCount == 1 ? "1 session" : "\(sessionCount) sessions"
        let trouble = agents.filter(\.isInTrouble).map {
            "\($0.manifest.id) is \($0.state.kind.rawValue)"
        }
        return (["\(serving) of \(agents.count) agents serve", sessions] + trouble)
            .joined(separator: ", ")
    }
}

extension AgentSnapshot {
    fileprivate var isInTrouble: Bool {
        switch state {
        case .unhealthy, .backingOff, .degraded: true
        case .stopped, .starting, .serving, .draining, .external: false
        }
    }
}
