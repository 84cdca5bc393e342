private import Synchronization

/// The health of the services of one server, and those who watch it.
package final class HealthStatuses: Sendable {
    /// `grpc.health.v1.HealthCheckResponse.ServingStatus`.
    package typealias Status = Grpc_Health_V1_HealthCheckResponse.ServingStatus

    private struct State {
        var statuses: [String: Status]
        var isDrained = false
        var watchers: [Int: Watcher] = [:]
        var nextWatcher = 0

        /// Tells the watchers too, here and not after unlocking, so that they see changes in order.
        mutating func set(_ status: Status, for service: String) {
            guard !isDrained else { return }
            statuses[service] = status
            for watcher in watchers.values where watcher.service == service {
                watcher.continuation.yield(status)
            }
        }
    }

    private struct Watcher {
        let service: String
        let continuation: AsyncStream<Status>.Continuation
    }

    private let state: Mutex<State>

    /// Creates the statuses, NOT_SERVING for each service.
    ///
    /// - Parameter services: Full names of the services; "", the server as a whole, is added.
    package init(services: some Sequence<String>) {
        var statuses: [String: Status] = ["": .notServing]
        for service in services { statuses[service] = .notServing }
        state = Mutex(State(statuses: statuses))
    }

    /// The status of a service; nil where the server has no such service.
    package func status(of service: String) -> Status? {
        state.withLock { $0.statuses[service] }
    }

    /// Sets the status of all services, "" included.
    ///
    /// Has no effect once drained.
    package func setAll(_ status: Status) {
        state.withLock { state in
            for service in state.statuses.keys { state.set(status, for: service) }
        }
    }

    /// Sets the status of one service, which is added where it is new.
    ///
    /// Has no effect once drained.
    package func set(_ status: Status, for service: String) {
        state.withLock { $0.set(status, for: service) }
    }

    /// Sets all to NOT_SERVING for good and ends all watches, so that they do not hold up a server that stops.
    package func drain() {
        let watchers = state.withLock { state in
            for service in state.statuses.keys { state.set(.notServing, for: service) }
            state.isDrained = true
            defer { state.watchers = [:] }
            return state.watchers.values
        }
        for watcher in watchers { watcher.continuation.finish() }
    }

    /// The statuses of a service from now on: the present one first, SERVICE_UNKNOWN where there is no such service.
    ///
    /// A slow reader misses what changed and changed back, never the newest status.
    package func updates(of service: String) -> AsyncStream<Status> {
        let (stream, continuation) = AsyncStream<Status>.makeStream(
            bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state -> Int? in
            continuation.yield(state.statuses[service] ?? .serviceUnknown)
            guard !state.isDrained else { return nil }
            defer { state.nextWatcher += 1 }
            state.watchers[state.nextWatcher] = Watcher(
                service: service, continuation: continuation)
            return state.nextWatcher
        }
        guard let id else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.watchers.removeValue(forKey: id) }
        }
        return stream
    }
}
