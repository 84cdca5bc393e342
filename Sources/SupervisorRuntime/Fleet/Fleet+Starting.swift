internal import AgentManifest
private import Glibc
internal import Supervision

/// Bringing the run-on-connection agents up.
extension Fleet {
    /// How many of them may start at the same time: as many as keep the processors busy.
    static let startsAtOnce = max(4, 2 * sysconf(Int32(_SC_NPROCESSORS_ONLN)))

    /// Has the run-on-connection agents run from now on; each is told so when it has its turn.
    func beginStarts() {
        guard !isStarted else { return }
        isStarted = true
        let ids = order.filter { agents[$0]?.manifest.start == .connection }
        for id in ids { agents[id]?.awaitTurn() }
        giveTurns(to: startTurns.take(ids))
    }

    /// Ends the turn of an agent that starts no more.
    func endTurn(of id: AgentID) { giveTurns(to: startTurns.end(id)) }

    private func giveTurns(to ids: [AgentID]) {
        for id in ids {
            if let agent = agents[id] {
                agent.takeTurn()
                updateNeed(of: agent)
                // One that starts ends its turn with its next transition; others need none.
                if case .starting = agent.machine.state { continue }
            }
            endTurn(of: id)
        }
    }
}
