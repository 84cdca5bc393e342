private import Synchronization

/// Lets tasks through one at a time, in the order in which they came.
package final class TurnQueue: Sendable {
    private struct State {
        var isTaken = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Creates a queue in which nobody waits.
    package init() {}

    /// Runs a body alone, after those that came before it.
    ///
    /// A cancelled task waits for its turn too, so a body must end in bounded time once its task is cancelled.
    ///
    /// - Parameter body: What needs to be alone.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    package func withTurn<Success>(
        _ body: () async throws -> sending Success
    ) async rethrows -> sending Success {
        await begin()
        defer { end() }
        return try await body()
    }

    private func begin() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.isTaken {
                    state.waiting.append(continuation)
                    return false
                }
                state.isTaken = true
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    private func end() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if state.waiting.isEmpty {
                state.isTaken = false
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
