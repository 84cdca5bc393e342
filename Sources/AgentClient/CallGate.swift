internal import Synchronization

/// Lets calls in until it closes, and knows when the last one has left.
final class CallGate: Sendable {
    private struct State {
        var isClosed = false
        var running = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Lets a call in; it must ``leave()`` then.
    ///
    /// - Returns: False where the gate is closed.
    func enter() -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.running += 1
            return true
        }
    }

    /// Takes note that a call has ended.
    func leave() {
        let waiting = state.withLock { state in
            state.running -= 1
            guard state.isClosed, state.running == 0 else {
                return [] as [CheckedContinuation<Void, Never>]
            }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Lets nobody in any more, and returns when the last call has left.
    func close() async {
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                state.isClosed = true
                if state.running > 0 { state.waiting.append(continuation) }
                return state.running == 0
            }
            if isEmpty { continuation.resume() }
        }
    }
}
