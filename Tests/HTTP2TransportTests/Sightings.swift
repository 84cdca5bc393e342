import LinuxIO
import Synchronization

/// What the handlers of a test saw, and a way to wait for it.
final class Sightings: Sendable {
    private struct State {
        var seen: [String] = []
        var waiting: [(event: String, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Locked(State())

    /// Everything that was seen, without its order: handlers and observers are not ordered.
    var all: [String] { state.withLock { $0.seen.sorted() } }

    func record(_ event: String) {
        let arrived = state.withLock { state in
            state.seen.append(event)
            let arrived = state.waiting.filter { $0.event == event }
            state.waiting.removeAll { $0.event == event }
            return arrived
        }
        for waiter in arrived { waiter.continuation.resume() }
    }

    /// Waits until something was seen.
    func wait(for event: String) async {
        await withCheckedContinuation { continuation in
            let isSeen = state.withLock { state in
                if state.seen.contains(event) { return true }
                state.waiting.append((event, continuation))
                return false
            }
            if isSeen { continuation.resume() }
        }
    }
}
