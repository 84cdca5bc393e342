import AgentRuntime
import GRDB

extension MemoryStore {
    /// Does what calls leave for later, in transactions of a millisecond or two: writes down when entries were
    /// recalled, removes expired entries, bounds the tombstones, indexes words, copies the write-ahead log; and checks
    /// a large database whose owner before was killed.
    ///
    /// Nothing depends on its timing but `accessed_at` after a SIGKILL: expiry is exact on each read, and a search
    /// indexes first.
    func keepUp() throws(OperationError) {
        try database.checkIntegrityIfDue()
        try removeExpired()
        try writeReadMarks()
        try foldTombstones()
        try indexWords()
        try database.checkpointIfDue()
    }

    /// Keeps up until the task is cancelled.
    ///
    /// - Parameters:
    ///   - interval: The pause between two rounds; a second by default.
    ///   - report: Is told of a failure, once until a round succeeds again.
    @concurrent
    func keepUp(
        every interval: Duration = .seconds(1), report: @Sendable (OperationError) -> Void
    ) async {
        var isFailing = false
        while (try? await Task.sleep(for: interval)) != nil {
            do throws(OperationError) {
                try keepUp()
                isFailing = false
            } catch {
                if !isFailing { report(error) }
                isFailing = true
            }
        }
    }

    func writeReadMarks() throws(OperationError) {
        let noted = reads.noted
        let rows = Array(noted)
        for start in stride(from: 0, to: rows.count, by: MemoryLimits.batchCount) {
            try database.writeAtLength("note when entries were recalled") { db in
                // A mark from before the entry belongs to the one that had its row.
                let statement = try db.cachedStatement(
                    sql: "UPDATE entries SET accessed_at = ?2 WHERE id = ?1 AND created_at <= ?2")
                for (row, time) in rows[start..<min(start + MemoryLimits.batchCount, rows.count)] {
                    try statement.execute(arguments: [row, time.microseconds])
                }
            }
        }
        reads.drop(noted)
    }

    func removeExpired() throws(OperationError) {
        let now = clock()
        var removed = try hasExpired(at: now) ? MemoryLimits.batchCount : 0
        while removed == MemoryLimits.batchCount {
            removed = try database.writeAtLength("remove expired entries") { db in
                try db.cachedStatement(
                    sql: """
                        DELETE FROM entries WHERE id IN
                            (SELECT id FROM entries WHERE expires_at <= ? LIMIT ?)
                        """
                ).execute(arguments: [now.microseconds, MemoryLimits.batchCount])
                return db.changesCount
            }
        }
    }

    /// Folds the oldest tombstones beyond the limit into the ones of their namespaces.
    func foldTombstones(
        beyond limit: Int64 = MemoryLimits.tombstoneCount
    ) throws(OperationError) {
        let last = try database.lookUp("count tombstones") { db in
            try Int64.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT max(id) FROM tombstones
                        WHERE key <> '' AND id <= (SELECT max(id) FROM tombstones) - ?
                        """),
                arguments: [limit])
        }
        guard let last else { return }
        try database.writeAtLength("fold tombstones") { db in
            try db.execute(
                sql: """
                    INSERT INTO tombstones (namespace, key, version)
                        SELECT namespace, '', max(version) FROM tombstones WHERE id <= ?1
                        GROUP BY namespace
                        ON CONFLICT DO UPDATE SET version = max(version, excluded.version);
                    """, arguments: [last])
            try db.execute(
                sql: "DELETE FROM tombstones WHERE id <= ? AND key <> ''", arguments: [last])
        }
    }

    private func hasExpired(at now: Timestamp) throws(OperationError) -> Bool {
        try database.lookUp("remove expired entries") { db in
            try Bool.fetchOne(
                db.cachedStatement(
                    sql: "SELECT EXISTS (SELECT 1 FROM entries WHERE expires_at <= ?)"),
                arguments: [now.microseconds]) ?? false
        }
    }
}
