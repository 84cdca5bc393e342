private import Synchronization

/// The end of a task that waits for nothing else.
enum Cancellation {
    private enum State {
        case running
        case waiting(CheckedContinuation<Void, Never>)
        case cancelled
    }

    private final class Signal: Sendable {
        let state = Mutex(State.running)
    }

    /// Returns when the task is cancelled.
    static func wait() async {
        let signal = Signal()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isCancelled = signal.state.withLock { state in
                    if case .cancelled = state { return true }
                    state = .waiting(continuation)
                    return false
                }
                if isCancelled { continuation.resume() }
            }
        } onCancel: {
            let previous = signal.state.withLock { state in
                defer { state = .cancelled }
                return state
            }
            if case .waiting(let continuation) = previous { continuation.resume() }
        }
    }
}
