import AgentRuntime
import GRDB

/// The three connections to one database in WAL mode, each with a queue of its own, so that a lookup waits for
/// no write and for no scan.
///
/// A pool of readers would buy nothing: lookups take microseconds, and scans come one at a time.
struct MemoryConnections: Sendable {
    /// The only one that writes.
    let writer: DatabaseQueue
    /// For lookups of single keys.
    let lookups: DatabaseQueue
    /// For lists, searches and checkpoints.
    let scans: DatabaseQueue

    /// Opens the database, creates or migrates it.
    ///
    /// - Parameters:
    ///   - path: The database.
    ///   - durability: What a commit waits for.
    ///   - isChecked: Check all of it first.
    /// - Throws: `DatabaseError`, or ``OperationError`` with `failedPrecondition` where a newer program wrote it.
    init(path: String, durability: Durability, isChecked: Bool) throws {
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.foreignKeysEnabled = false
        // Nobody but an operator with the sqlite3 program ever holds our locks.
        configuration.busyMode = .timeout(0.25)
        configuration.prepareDatabase { db in
            try db.execute(
                sql: """
                    PRAGMA secure_delete = FAST;
                    PRAGMA wal_autocheckpoint = \(MemoryLimits.largestLogPages);
                    PRAGMA journal_size_limit = \(MemoryLimits.logFileBytes);
                    """)
        }
        configuration.label = "memory.writer"
        writer = try DatabaseQueue(path: path, configuration: configuration)
        if isChecked { try Self.checkIntegrity(of: writer) }
        try Self.migrate(writer, path: path)
        if durability == .full {
            try writer.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = FULL")
            }
        }
        configuration.label = "memory.scans"
        scans = try DatabaseQueue(path: path, configuration: configuration)
        configuration.label = "memory.lookups"
        configuration.readonly = true
        lookups = try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Closes the connections, the writer last: it copies what is left of the write-ahead log.
    func close() throws {
        try lookups.close()
        try scans.close()
        try writer.close()
    }

    /// Checks all of a database on a connection of its own, so that no other waits.
    ///
    /// - Parameter path: The database.
    /// - Throws: `DatabaseError` with `SQLITE_CORRUPT` and the first finding.
    static func checkIntegrity(at path: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        try checkIntegrity(of: DatabaseQueue(path: path, configuration: configuration))
    }

    private static func checkIntegrity(of queue: DatabaseQueue) throws {
        let finding = try queue.unsafeRead { db in
            try String.fetchOne(db, sql: "PRAGMA integrity_check(1)")
        }
        if let finding, finding != "ok" {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: finding)
        }
    }

    private static func migrate(_ queue: DatabaseQueue, path: String) throws {
        guard try !queue.read(MemorySchema.migrator.hasBeenSuperseded) else {
            throw OperationError(
                .failedPrecondition,
                "cannot open \(path): a newer op-agent-memory wrote it; install that version or use another --state-dir"
            )
        }
        try MemorySchema.migrator.migrate(queue)
    }
}
