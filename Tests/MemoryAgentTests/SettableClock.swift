import Synchronization

@testable import MemoryAgent

/// A wall clock that stands still until a test moves it.
final class SettableClock: Sendable {
    private let time = Mutex(Timestamp(microseconds: 1_767_225_600_000_000))

    var now: Timestamp { time.withLock { $0 } }

    func advance(microseconds: Int64) {
        time.withLock { $0.microseconds += microseconds }
    }

    func advance(seconds: Int64) {
        advance(microseconds: seconds * 1_000_000)
    }
}
