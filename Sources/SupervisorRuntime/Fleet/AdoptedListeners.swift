package import AgentManifest
package import LinuxIO

/// Listening sockets that were bound for this process before it ran, by the agents they are for.
package struct AdoptedListeners: ~Copyable {
    private var descriptors: [AgentID: CInt] = [:]

    /// Makes an empty collection.
    package init() {}

    deinit {
        for descriptor in descriptors.values { _ = OwnedDescriptor(owning: descriptor) }
    }

    /// The agents that a socket was passed for.
    package var agents: [AgentID] { Array(descriptors.keys) }

    /// Adds a socket; one that an agent has already is closed.
    ///
    /// - Parameters:
    ///   - descriptor: The socket.
    ///   - agent: Whose port it listens on.
    package mutating func add(_ descriptor: consuming OwnedDescriptor, for agent: AgentID) {
        if let old = descriptors.updateValue(descriptor.release(), forKey: agent) {
            _ = OwnedDescriptor(owning: old)
        }
    }

    /// Takes all sockets out.
    ///
    /// - Returns: A collection with what this one had.
    package mutating func takeAll() -> AdoptedListeners {
        var taken = AdoptedListeners()
        swap(&taken.descriptors, &descriptors)
        return taken
    }

    /// Takes an agent's socket out.
    ///
    /// - Parameter agent: The agent.
    /// - Returns: `nil` where there is none.
    package mutating func take(_ agent: AgentID) -> OwnedDescriptor? {
        descriptors.removeValue(forKey: agent).map { OwnedDescriptor(owning: $0) }
    }
}
