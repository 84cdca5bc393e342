import Synchronization

/// The number of the last message of a stream; 0 before the first.
final class LastSequence: Sendable {
    private let number = Mutex<UInt64>(0)

    var value: UInt64 {
        get { number.withLock { $0 } }
        set { number.withLock { $0 = newValue } }
    }
}
