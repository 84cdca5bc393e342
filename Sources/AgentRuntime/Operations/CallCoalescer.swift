private import Synchronization

/// Lets identical calls that are in flight at once share one run, so that a client's retry does not start the work twice.
///
/// The key has to hold everything that the answer depends on: the operation, its arguments, and a fingerprint of the
/// inputs, such as the newest modification time of the sources. Two calls of which the second must see what happened after
/// the first began need different keys.
package final class CallCoalescer<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Run {
        var id: Int
        var task: Task<Void, Never>?
        var waiters: [Int: CheckedContinuation<Value, any Error>] = [:]
    }

    private struct State {
        /// Those that a newcomer may join.
        var runs: [Key: Run] = [:]
        /// Those that nobody wants any more, until they are over.
        var abandoned: [Int: Run] = [:]
        var nextID = 0

        mutating func makeID() -> Int {
            defer { nextID += 1 }
            return nextID
        }
    }

    private let state = Mutex(State())
    private let executor: (any TaskExecutor)?

    /// Creates a coalescer with no run.
    ///
    /// - Parameter executor: Where the bodies run; the global executor where nil.
    package init(executor: (any TaskExecutor)? = nil) {
        self.executor = executor
    }

    /// Joins the run of a key, or starts it.
    ///
    /// A caller that is cancelled leaves the others their run. When the last one is, the run is cancelled, and that caller
    /// returns when the run is really over.
    ///
    /// - Parameters:
    ///   - key: Everything that the answer depends on.
    ///   - body: The work, where no run of the key is in flight.
    /// - Returns: What the run returned.
    /// - Throws: What the run threw; `CancellationError` to a caller that left others behind.
    package func value(
        for key: Key, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try Task.checkCancellation()
        let waiter = state.withLock { $0.makeID() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                join(key, as: waiter, continuation, body)
                // The handler may have run before there was anything to cancel.
                if Task.isCancelled { leave(key, waiter) }
            }
        } onCancel: {
            leave(key, waiter)
        }
    }

    private func join(
        _ key: Key, as waiter: Int, _ continuation: CheckedContinuation<Value, any Error>,
        _ body: @escaping @Sendable () async throws -> Value
    ) {
        state.withLock { state in
            if state.runs[key] != nil {
                state.runs[key]?.waiters[waiter] = continuation
                return
            }
            var run = Run(id: state.makeID())
            run.waiters[waiter] = continuation
            let id = run.id
            run.task = Task(executorPreference: executor) {
                let outcome: Result<Value, any Error>
                do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
                self.finish(key, id, outcome)
            }
            state.runs[key] = run
        }
    }

    private func leave(_ key: Key, _ waiter: Int) {
        let (continuation, task) = state.withLock { state in
            guard var run = state.runs[key], run.waiters[waiter] != nil else {
                return (nil as CheckedContinuation<Value, any Error>?, nil as Task<Void, Never>?)
            }
            if run.waiters.count == 1 {
                state.runs[key] = nil
                state.abandoned[run.id] = run
                return (nil, run.task)
            }
            let continuation = run.waiters.removeValue(forKey: waiter)
            state.runs[key] = run
            return (continuation, nil)
        }
        continuation?.resume(throwing: CancellationError())
        task?.cancel()
    }

    private func finish(_ key: Key, _ id: Int, _ outcome: Result<Value, any Error>) {
        let waiters = state.withLock { state in
            if let abandoned = state.abandoned.removeValue(forKey: id) { return abandoned.waiters }
            return state.runs.removeValue(forKey: key)?.waiters ?? [:]
        }
        for waiter in waiters.values { waiter.resume(with: outcome) }
    }
}
