import AgentRuntime

/// A durable key-value store with namespaces, tags, expiry, versions and full-text search.
///
/// All rules of the memory agent are here; it knows nothing of calls and wires. Its functions block the calling
/// thread: ``remember(_:)``, ``recall(_:)`` and ``forget(_:)`` for microseconds, the others for longer. They throw
/// ``OperationError``, in addition to what each says: `resourceExhausted` where the disk is full, `dataLoss` where
/// the database is damaged.
final class MemoryStore: Sendable {
    let database: MemoryDatabase
    let reads = ReadMarks()
    let clock: @Sendable () -> Timestamp

    /// Opens the store, or creates it.
    ///
    /// - Parameters:
    ///   - directory: An existing directory of this agent alone.
    ///   - durability: What an acknowledged write survives; a SIGKILL by default.
    ///   - clock: The wall clock; the system's by default.
    /// - Throws: ``OperationError`` with `failedPrecondition` where it cannot be opened, or another process owns it.
    init(
        directory: String, durability: Durability = .normal,
        clock: @escaping @Sendable () -> Timestamp = Timestamp.now
    ) throws(OperationError) {
        database = try MemoryDatabase(directory: directory, durability: durability)
        self.clock = clock
    }

    /// Writes down what is only in memory, and closes the database.
    ///
    /// Calls fail with `unavailable` from then on.
    func close() throws(OperationError) {
        // A full disk keeps no database open.
        let marks = Result { () throws(OperationError) in try writeReadMarks() }
        try database.close()
        try marks.get()
    }
}
