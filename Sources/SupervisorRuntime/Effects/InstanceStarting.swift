package import AgentManifest
package import Supervision

/// Starts the processes of agents: for real, or by a script in tests.
package protocol InstanceStarting: Sendable {
    /// Starts a process.
    ///
    /// Belongs to the event loop's thread.
    ///
    /// - Parameters:
    ///   - plan: What to start.
    ///   - onEnd: Called once, on the loop's thread and never before this returns, when the process and
    ///     its group are gone.
    /// - Returns: The process.
    /// - Throws: Why there is none.
    func start(
        _ plan: InstancePlan, onEnd: @escaping (ExitStatus) -> Void
    ) throws(InstanceError) -> any AgentInstance
}

/// What to start.
package struct InstancePlan: Sendable {
    /// The agent.
    package let manifest: AgentManifest
    /// The agent's name.
    package var agentName: String { manifest.id.rawValue }
    /// Where it is to listen.
    package let place: ListeningPlace
    /// Keeps what it writes.
    package let output: OutputRing
}

/// Where an instance is to listen.
package enum ListeningPlace: Sendable, Hashable {
    /// On its port's listening socket, which it gets a copy of.
    case port(descriptor: Int32)
    /// On a unix socket that it makes itself.
    case unix(path: String)
}

/// A process of an agent, until its end was reported.
package protocol AgentInstance: AnyObject {
    /// The leader's pid, for display and to tell who sends on the notify socket.
    var pid: Int32 { get }

    /// Asks the leader to end, with SIGTERM.
    func terminate()

    /// Ends the leader and everything that it started, with SIGKILL.
    func kill()
}

/// Why an instance could not be started: a sentence that starts with "cannot".
package struct InstanceError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The sentence.
    package let description: String

    /// Wraps a sentence.
    ///
    /// - Parameter description: What was tried, why it failed and the remedy.
    package init(_ description: String) {
        self.description = description
    }
}
