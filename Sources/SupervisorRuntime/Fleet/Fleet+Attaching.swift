internal import AgentManifest
package import GRPCCore
internal import LinuxIO
internal import Supervision

/// Agents that somebody runs by hand.
extension Fleet {
    /// Ends an agent's process, closes its port and leaves the agent to whoever runs it by hand.
    ///
    /// - Parameters:
    ///   - name: The agent's name.
    ///   - port: Where it will be run by hand; `nil` for its own port.
    /// - Returns: Its state when it may be run.
    /// - Throws: NOT_FOUND; INVALID_ARGUMENT for another's port; FAILED_PRECONDITION where its own port
    ///   cannot be freed, or it is run by hand elsewhere.
    package func attachAgent(
        _ name: String, at port: UInt16?
    ) async throws(RPCError) -> AgentSnapshot {
        let agent = try agent(name)
        try await waitForPort(of: agent)
        try refuseWhenStopping()
        let ownPort = agent.manifest.port
        if port ?? ownPort == ownPort, agent.hasAdoptedPort {
            throw .portNotOurs(agent.id, ownPort)
        }
        if let port, let owner = owner(ofPort: port), owner != agent.id.rawValue {
            throw RPCError(
                code: .invalidArgument,
                message: "cannot attach \(agent.id) at \(port): it is the port of \(owner); choose "
                    + "another")
        }
        if case .external = agent.machine.state, agent.address.port != port ?? ownPort {
            throw RPCError(
                code: .failedPrecondition,
                message: "cannot attach \(agent.id) at \(port ?? ownPort): it is run by hand at "
                    + "\(agent.address) already; take it back with op-agents detach \(agent.id) first"
            )
        }
        agent.attach(at: port ?? ownPort)
        return try await settle(agent.id) { agent in
            switch agent.machine.state {
            case .external: return .success(agent.snapshot)
            case .draining(let drain) where drain.next == .external: return nil
            default:
                return .failure(
                    RPCError(
                        code: .aborted,
                        message: "cannot attach \(agent.id): it was told something else meanwhile; "
                            + "see op-agents events \(agent.id)"))
            }
        }
    }

    /// Takes an agent back that was run by hand, and waits until it serves if something needs it.
    ///
    /// - Parameter name: The agent's name; nothing happens to one that is not run by hand.
    /// - Returns: Its state then.
    /// - Throws: NOT_FOUND; FAILED_PRECONDITION while a process listens where it was run by hand, and
    ///   where it does not come to serve.
    package func detachAgent(_ name: String) async throws(RPCError) -> AgentSnapshot {
        let agent = try agent(name)
        try refuseWhenStopping()
        // It may be on its way there.
        try await settle(agent.id) { agent in
            guard case .draining(let drain) = agent.machine.state else { return .success(()) }
            return drain.next == .external ? nil : .success(())
        }
        guard case .external = agent.machine.state else { return agent.snapshot }
        if let error = Self.obstacle(to: agent.address) { throw .stillRunByHand(agent.id, error) }
        agent.handle(.detach)
        guard agent.machine.state != .stopped else { return agent.snapshot }
        return try await outcomeOfStart(of: agent, after: agent.machine.failureCount)
    }

    private func owner(ofPort port: UInt16) -> String? {
        if configuration.supervisor.addresses.contains(where: { $0.port == port }) {
            return "the supervisor"
        }
        if configuration.supervisor.metricsAddress?.port == port { return "the metrics" }
        return agents.values.first { $0.manifest.port == port }?.id.rawValue
    }

    /// What keeps an address from being listened on; `nil` where nothing does.
    private static func obstacle(to address: SocketAddress) -> PortError? {
        do {
            _ = try ListeningSocket.bind(to: address)
            return nil
        } catch {
            return PortError(error, address: address)
        }
    }
}

extension RPCError {
    /// The agent's port was passed to the supervisor, and whoever did so keeps it: FAILED_PRECONDITION.
    fileprivate static func portNotOurs(_ agent: AgentID, _ port: UInt16) -> RPCError {
        RPCError(
            code: .failedPrecondition,
            message:
                "cannot attach \(agent) at its own port \(port): op-supervisor.socket holds that "
                + "for as long as it is active; run the agent on another one with op-agents attach "
                + "\(agent) --port PORT")
    }

    /// Somebody listens where an agent was run by hand: FAILED_PRECONDITION.
    fileprivate static func stillRunByHand(_ agent: AgentID, _ error: PortError) -> RPCError {
        let remedy =
            error.holder.map { "pid \($0.pid) (\($0.command)) still listens there; end it first" }
            ?? "\(error.cause); end what listens there first"
        return RPCError(
            code: .failedPrecondition,
            message: "cannot detach \(agent), which is run by hand at \(error.address): \(remedy)")
    }
}
