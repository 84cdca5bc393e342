package import AgentManifest
package import GRPCCore
internal import Supervision

/// What a new configuration changes.
extension Fleet {
    /// Takes a new configuration: agents come, go, and restart if their own settings changed.
    ///
    /// - Parameter new: The configuration.
    /// - Returns: The agents that came, went or changed.
    /// - Throws: UNAVAILABLE where the fleet stops: nothing may come to life any more.
    package func apply(_ new: FleetConfiguration) throws(RPCError) -> [AgentID] {
        try refuseWhenStopping()
        var changed: [AgentID] = []
        configuration = new
        sessions.policy = SessionPolicy(new.sessions)
        let kept = Set(new.agents.map(\.id))
        for id in order where !kept.contains(id) {
            changed.append(id)
            remove(id)
        }
        for manifest in new.agents {
            if let agent = agents[manifest.id] {
                let isBack = agent.isLeaving
                let isNew = agent.update(
                    manifest, idleTimeout: new.sessions.idleTimeout,
                    isPortFree: isPortFree(manifest))
                if isBack { agent.comeBack() }
                if isNew || isBack { changed.append(manifest.id) }
            } else {
                changed.append(manifest.id)
                add(manifest)
                agents[manifest.id]?.awaitPort()
            }
        }
        order = new.agents.map(\.id)
        routedCalls.keep(order.map(\.rawValue))
        takeFreePorts()
        updateNeeds()
        return changed
    }

    private func remove(_ id: AgentID) {
        guard let agent = agents[id] else { return }
        agent.leave()
        guard agent.machine.state.hasProcess else {
            agents[id] = nil
            return
        }
        Task {
            _ = try? await settle(id) {
                $0.isLeaving && $0.machine.state.hasProcess ? nil : .success(())
            }
            // It may have come back meanwhile.
            guard let agent = agents[id], agent.isLeaving, !agent.machine.state.hasProcess else {
                return
            }
            agents[id] = nil
            takeFreePorts()
            updateNeeds()
        }
    }

    /// Whether no process of an agent that leaves listens where another is to listen.
    private func isPortFree(_ manifest: AgentManifest) -> Bool {
        !agents.values.contains {
            $0.isLeaving && $0.id != manifest.id && $0.manifest.port == manifest.port
        }
    }

    private func takeFreePorts() {
        for id in order {
            guard let agent = agents[id], agent.awaitsPort, isPortFree(agent.manifest) else {
                continue
            }
            agent.takePort()
        }
    }

    func waitForPort(of agent: SupervisedAgent) async throws(RPCError) {
        try await settle(agent.id) { $0.awaitsPort ? nil : .success(()) }
    }
}
