private import Synchronization

/// Those who wait for the next of something that is numbered, such as lines.
///
/// A follower pulls: nothing is queued for it, so a slow one costs no memory.
final class Followers: Sendable {
    private struct State {
        var newest: UInt64 = 0
        var lastFollower: UInt64 = 0
        var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// Wakes those who wait: what has this number can be read.
    func announce(_ sequence: UInt64) {
        let woken = state.withLock { state in
            state.newest = max(state.newest, sequence)
            defer { state.waiting.removeAll() }
            return state.waiting
        }
        // Outside the lock, since a follower may run at once.
        for follower in woken.values { follower.resume() }
    }

    /// Reads what comes after a number, and waits for it if there is nothing yet.
    ///
    /// - Parameters:
    ///   - sequence: The last number that is known.
    ///   - read: Reads what comes after it.
    /// - Returns: What was read; never nothing.
    /// - Throws: `CancellationError` when the task is cancelled while it waits.
    func next<Element>(
        after sequence: UInt64, read: () -> [Element]
    ) async throws(CancellationError) -> [Element] {
        while true {
            let elements = read()
            if !elements.isEmpty { return elements }
            await wait(after: sequence)
            if Task.isCancelled { throw CancellationError() }
        }
    }

    private func wait(after sequence: UInt64) async {
        let follower = state.withLock { state in
            state.lastFollower += 1
            return state.lastFollower
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waits = state.withLock { state in
                    // It, or the cancellation, may have come since it was looked for.
                    guard !Task.isCancelled, state.newest <= sequence else { return false }
                    state.waiting[follower] = continuation
                    return true
                }
                if !waits { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: follower) }?.resume()
        }
    }
}
