internal import AgentAPI
private import Synchronization

/// The agent's health, for operations that are made before the agent has one.
final class HealthHandle: Sendable {
    private let statuses = Mutex<HealthStatuses?>(nil)

    /// Takes what the agent got when it was ready.
    func take(_ statuses: HealthStatuses) {
        self.statuses.withLock { $0 = statuses }
    }

    /// Has every health check answered with NOT_SERVING from now on.
    func sayNotServing() {
        statuses.withLock { $0 }?.setAll(.notServing)
    }
}
