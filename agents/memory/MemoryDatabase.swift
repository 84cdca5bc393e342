import AgentRuntime
import GRDB
import Glibc
import Synchronization

/// The file that entries are kept in: owned by one process, checked when the owner before was killed, kept aside
/// when it is damaged.
///
/// All accesses block the calling thread, and throw ``OperationError``.
final class MemoryDatabase: Sendable {
    let path: String
    /// Where a damaged database was kept when this one was opened in its place.
    let damagedCopy: String?

    private let lock: DatabaseLock
    private let connections: MemoryConnections
    private let longWrites = Atomic(0)
    private let transactionsInLog = Atomic(0)
    private let sawDamage = Atomic(false)
    private let isClosed = Atomic(false)
    /// Until a reader was told of the damaged copy: a miss would look the same to it.
    private let owesWarning: Atomic<Bool>
    /// Until a large database was checked after its owner had been killed.
    private let owesCheck: Atomic<Bool>
    private let isDamaged = Atomic(false)

    /// Opens the database `memory.db`, or creates it.
    ///
    /// - Parameters:
    ///   - directory: An existing directory of this agent alone.
    ///   - durability: What an acknowledged write survives.
    ///   - checkedAtStartBytes: After an unclean end a database up to this size is checked here, a larger one by
    ///     ``checkIntegrityIfDue()``.
    /// - Throws: ``OperationError`` with `failedPrecondition` where another process owns it (and which), where it
    ///   cannot be opened, or where a newer program wrote it.
    init(
        directory: String, durability: Durability,
        checkedAtStartBytes: Int = MemoryLimits.checkedAtStartBytes
    ) throws(OperationError) {
        path = directory + "/memory.db"
        lock = try DatabaseLock.take(directory + "/memory.lock", guarding: path)
        let isSuspect = lock.previous == .left
        let isSmall = Self.size(of: path) <= checkedAtStartBytes
        do {
            guard lock.previous != .foundDamage else {
                throw DatabaseError(resultCode: .SQLITE_CORRUPT)
            }
            connections = try MemoryConnections(
                path: path, durability: durability, isChecked: isSuspect && isSmall)
            damagedCopy = nil
        } catch let error as DatabaseError where error.isDamage {
            damagedCopy = try Self.keepAside(path, in: directory)
            do {
                connections = try MemoryConnections(
                    path: path, durability: durability, isChecked: false)
            } catch {
                throw .storage(error, "create \(path)", path: path)
            }
        } catch {
            throw .storage(error, "open \(path)", path: path)
        }
        owesWarning = Atomic(damagedCopy != nil)
        owesCheck = Atomic(isSuspect && !isSmall && damagedCopy == nil)
    }

    /// A write that takes longer than a call may wait on an event loop holds the writer.
    var isInLongWrite: Bool { longWrites.load(ordering: .relaxed) > 0 }

    /// Runs a transaction: all of it is kept, or, where `body` throws, nothing.
    ///
    /// - Parameters:
    ///   - what: What it is for, as it follows "cannot".
    ///   - body: Its statements; it runs on the writer's queue.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws, as an ``OperationError``, or why nothing could be written.
    func write<Result>(
        _ what: @autoclosure () -> String, _ body: (Database) throws -> Result
    ) throws(OperationError) -> Result {
        let result = try access(connections.writer, what) { db in
            try transaction("BEGIN IMMEDIATE", in: db, body)
        }
        transactionsInLog.add(1, ordering: .relaxed)
        return result
    }

    /// As ``write(_:_:)``, for what may hold the writer longer than a millisecond.
    func writeAtLength<Result>(
        _ what: @autoclosure () -> String, _ body: (Database) throws -> Result
    ) throws(OperationError) -> Result {
        longWrites.add(1, ordering: .relaxed)
        defer { longWrites.subtract(1, ordering: .relaxed) }
        return try write(what(), body)
    }

    /// Reads by one statement, which takes microseconds.
    func lookUp<Result>(
        _ what: @autoclosure () -> String, _ body: (Database) throws -> Result
    ) throws(OperationError) -> Result {
        try access(connections.lookups, what, body)
    }

    /// Reads one state of the database by any number of statements.
    func scan<Result>(
        _ what: @autoclosure () -> String, _ body: (Database) throws -> Result
    ) throws(OperationError) -> Result {
        try access(connections.scans, what) { db in
            try transaction("BEGIN", in: db, body)
        }
    }

    /// Fails the first call where a damaged database was kept aside: a reader would take the loss for a miss.
    ///
    /// - Throws: ``OperationError`` with `dataLoss`, once.
    func warnOfLoss(_ what: @autoclosure () -> String) throws(OperationError) {
        guard let damagedCopy, owesWarning.exchange(false, ordering: .relaxed) else { return }
        throw OperationError(
            .dataLoss,
            """
            cannot \(what()): the database was damaged, is kept as \(damagedCopy), and a new, empty one was begun; \
            recover it with: sqlite3 \(damagedCopy) .recover, or repeat the call and go on without
            """)
    }

    /// Copies the write-ahead log into the database where it has grown, without holding up readers or the writer.
    func checkpointIfDue() throws(OperationError) {
        guard
            transactionsInLog.load(ordering: .relaxed) >= MemoryLimits.transactionsPerCheckpoint
        else { return }
        transactionsInLog.store(0, ordering: .relaxed)
        _ = try access(connections.scans, { "write \(path)" }) { db in
            try db.checkpoint(.passive)
        }
    }

    /// Checks a large database whose owner before was killed, once.
    ///
    /// Where it is damaged, all accesses fail from then on, and the next owner keeps it aside.
    ///
    /// - Throws: ``OperationError`` with `dataLoss`.
    func checkIntegrityIfDue() throws(OperationError) {
        guard owesCheck.exchange(false, ordering: .relaxed) else { return }
        do {
            try MemoryConnections.checkIntegrity(at: path)
        } catch {
            if let error = error as? DatabaseError, error.isDamage {
                isDamaged.store(true, ordering: .relaxed)
                lock.noteDamage()
            }
            throw failure(error, "go on with \(path)")
        }
    }

    /// Closes the database in order.
    ///
    /// Accesses fail from then on; closing it again does nothing.
    func close() throws(OperationError) {
        guard !isClosed.exchange(true, ordering: .sequentiallyConsistent) else { return }
        do {
            try connections.close()
        } catch {
            throw failure(error, "close \(path)")
        }
        lock.release(isClean: !sawDamage.load(ordering: .relaxed))
    }

    /// Runs `body` alone on a connection.
    private func access<Result>(
        _ queue: DatabaseQueue, _ what: () -> String, _ body: (Database) throws -> Result
    ) throws(OperationError) -> Result {
        do {
            return try queue.inDatabase { db in
                // Asked on the connection's queue, where closing it waits its turn: GRDB would dereference a
                // connection that is gone.
                guard !isClosed.load(ordering: .sequentiallyConsistent) else {
                    throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "it is closed")
                }
                guard !isDamaged.load(ordering: .relaxed) else {
                    throw DatabaseError(resultCode: .SQLITE_CORRUPT)
                }
                return try body(db)
            }
        } catch {
            throw failure(error, what())
        }
    }

    /// As GRDB's `inTransaction`, but with statements that are prepared once: a tenth of a short write.
    private func transaction<Result>(
        _ begin: String, in db: Database, _ body: (Database) throws -> Result
    ) throws -> Result {
        try db.cachedStatement(sql: begin).execute()
        do {
            let result = try body(db)
            try db.cachedStatement(sql: "COMMIT").execute()
            return result
        } catch {
            // A full disk has SQLite roll back by itself.
            if db.isInsideTransaction { try db.rollback() }
            throw error
        }
    }

    private func failure(_ error: any Error, _ what: String) -> OperationError {
        if let error = error as? DatabaseError, error.isDamage {
            sawDamage.store(true, ordering: .relaxed)
        }
        return .storage(error, what, path: path)
    }

    /// Bytes of a file; 0 where there is none.
    private static func size(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Renames the database and its side files, so that SQLite's tools find them together under the new name.
    private static func keepAside(
        _ path: String, in directory: String
    ) throws(OperationError) -> String {
        let time = Timestamp.now().description.filter { $0 != ":" }
        let copy = "\(directory)/memory.damaged-\(time).db"
        for suffix in ["", "-wal", "-shm"] {
            guard rename(path + suffix, copy + suffix) == 0 || (errno == ENOENT && suffix != "")
            else {
                throw OperationError(
                    .dataLoss,
                    "cannot keep the damaged \(path)\(suffix) aside: \(String(cString: strerror(errno))); move it away"
                )
            }
        }
        return copy
    }
}
