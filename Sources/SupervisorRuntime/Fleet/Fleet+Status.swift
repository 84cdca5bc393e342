internal import AgentManifest
internal import Supervision

extension Fleet {
    /// One line for `systemctl status`: how many agents serve, how many should and do not, how many
    /// sessions there are, and who is in trouble; at first whom the start waits for.
    package var statusLine: String {
        if isStopping { return shutdownProgress }
        let agents = snapshots
        let down = agents.filter(\.isDown)
        let awaited = isWarm ? [] : down.filter { $0.manifest.start == .connection }
        guard awaited.isEmpty else {
            return "starts: waits for " + Self.list(awaited) { "\($0) (\($1))" }
        }
        let serving = agents.count { $0.state.acceptsCalls }
        let sessions = sessionCount == 1 ? "1 session" : "\(sessionCount) sessions"
        let trouble = agents.filter { $0.isDown || $0.state.kind == .unhealthy }
        return "\(serving) serving, \(down.count) down, \(sessions)"
            + (trouble.isEmpty ? "" : "; " + Self.list(trouble) { "\($0) is \($1)" })
    }

    private static func list(
        _ agents: [AgentSnapshot], as text: (_ id: AgentID, _ state: String) -> String
    ) -> String {
        agents.map { text($0.manifest.id, $0.state.kind.rawValue) }.joined(separator: ", ")
    }
}

extension AgentSnapshot {
    /// Whether its callers miss it.
    ///
    /// One that is stopped because nobody needs it is not missed: the next call starts it.
    fileprivate var isDown: Bool {
        switch state {
        case .serving, .unhealthy, .external(isServing: true): false
        case .stopped: isHeld
        case .draining(let drain): isHeld || drain.next != .stop
        case .starting, .backingOff, .degraded, .external(isServing: false): true
        }
    }
}
