import AgentRuntime

@testable import MemoryAgent

/// A store in a directory and a time of its own.
struct TestStore {
    let directory: TemporaryDirectory
    let clock: SettableClock
    let store: MemoryStore

    init(
        directory: TemporaryDirectory? = nil, clock: SettableClock = SettableClock()
    ) throws {
        let directory = try directory ?? TemporaryDirectory()
        self.directory = directory
        self.clock = clock
        store = try MemoryStore(directory: directory.path, clock: { clock.now })
    }

    /// Closes the store in order and opens it again.
    func reopened() throws -> TestStore {
        try store.close()
        return try TestStore(directory: directory, clock: clock)
    }

    @discardableResult
    func remember(
        _ key: String, _ value: String = "value", tags: [String] = [], ttl: UInt64 = 0,
        in namespace: String = "", overwrite: Bool = true, ifVersion: UInt64? = nil
    ) throws -> WriteReceipt {
        try store.remember(
            NewEntry(
                EntryName(key, in: namespace), value: value, tags: tags, ttlSeconds: ttl,
                overwrite: overwrite, ifVersion: ifVersion))
    }

    func recall(_ key: String, in namespace: String = "") throws -> Entry? {
        try store.recall(EntryName(key, in: namespace))
    }

    @discardableResult
    func forget(_ key: String, in namespace: String = "") throws -> Bool {
        try store.forget(EntryName(key, in: namespace))
    }

    func keys(found query: String, in namespace: String = "") throws -> [String] {
        try store.search(SearchQuery(query, namespace: namespace)).matches.map(\.key)
    }
}

/// The code of the error that `body` throws; nil where it throws none.
func code(of body: () throws -> some Any) -> OperationError.Code? {
    do {
        _ = try body()
        return nil
    } catch {
        return (error as? OperationError)?.code
    }
}
