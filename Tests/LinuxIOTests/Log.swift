import LinuxIO
import Synchronization

/// What happened, in order.
final class Log<Entry: Sendable>: Sendable {
    private let storage = Locked<[Entry]>([])

    var entries: [Entry] { storage.withLock(\.self) }

    func append(_ entry: Entry) {
        storage.withLock { $0.append(entry) }
    }
}
