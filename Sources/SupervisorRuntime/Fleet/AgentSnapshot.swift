package import AgentManifest
package import LinuxIO
package import Supervision

/// What can be said of an agent at an instant.
package struct AgentSnapshot: Sendable {
    /// How it is configured.
    package let manifest: AgentManifest
    /// Where it is in its life.
    package let state: AgentState
    /// Where it listens.
    package let address: SocketAddress
    /// Its leader's pid; `nil` without a process of ours.
    package let pid: Int32?
    /// How often it failed.
    package let failureCount: Int
    /// Why it last failed.
    package let lastFailure: Failure?
    /// How long its last successful start took.
    package let startDuration: Duration?
    /// The calls that the supervisor routes to it.
    package let activeCalls: Int
    /// Whether it was told to stop.
    package let isHeld: Bool
}

extension SupervisedAgent {
    /// What can be said of it now.
    var snapshot: AgentSnapshot {
        AgentSnapshot(
            manifest: manifest, state: machine.state, address: address, pid: pid,
            failureCount: machine.failureCount, lastFailure: machine.lastFailure,
            startDuration: machine.startDuration, activeCalls: activeCalls,
            isHeld: machine.isHeld)
    }
}
