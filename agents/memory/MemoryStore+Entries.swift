import AgentRuntime
import FoundationEssentials
import GRDB

extension MemoryStore {
    /// Stores a value.
    ///
    /// An entry that has expired counts as none, but its version is not used again. A write without a time to live
    /// makes the entry permanent.
    ///
    /// - Throws: ``OperationError`` with `alreadyExists` where overwriting is refused and the key exists, `aborted`
    ///   where the entry has not the version asked for.
    func remember(_ entry: NewEntry) throws(OperationError) -> WriteReceipt {
        let now = clock()
        return try database.write("remember \(entry.name)") { db in
            try store(entry, at: now, in: db)
        }
    }

    /// Reads a value and notes the time.
    ///
    /// - Returns: The entry, with the recall before this one; nil where there is none.
    func recall(_ name: EntryName) throws(OperationError) -> Entry? {
        let now = clock()
        try database.warnOfLoss("recall \(name)")
        return try database.lookUp("recall \(name)") { db in
            try entry(name, at: now, in: db)
        }
    }

    /// Removes a key.
    ///
    /// - Returns: Whether it existed.
    func forget(_ name: EntryName) throws(OperationError) -> Bool {
        let now = clock()
        return try database.write("forget \(name)") { db in
            try remove(name, at: now, in: db)
        }
    }

    /// The part of ``remember(_:)`` within a transaction.
    func store(_ entry: NewEntry, at now: Timestamp, in db: Database) throws -> WriteReceipt {
        let name = entry.name
        let existing = try Existing.find(name, in: db)
        let isLive = existing.map { $0.isLive(at: now) } ?? false
        let liveVersion = isLive ? existing?.version ?? 0 : 0
        guard entry.overwrite || !isLive else {
            throw OperationError(
                .alreadyExists,
                "cannot remember \(name): it exists, with version \(liveVersion); send overwrite=true to replace it"
            )
        }
        if let wanted = entry.ifVersion, Int64(clamping: wanted) != liveVersion {
            throw OperationError(
                .aborted,
                "cannot remember \(name): it has version \(liveVersion), not \(wanted); recall it and decide again"
            )
        }
        let expiresAt = entry.ttlSeconds == 0 ? nil : now.advanced(bySeconds: entry.ttlSeconds)
        let tags = Entry.column(ofTags: entry.tags)
        let value = Data(entry.value.utf8)
        let version: Int64
        if let existing {
            version = existing.version + 1
            try db.cachedStatement(sql: isLive ? Self.replaceSQL : Self.reviveSQL).execute(
                arguments: [
                    existing.row, version, now.microseconds, expiresAt?.microseconds, tags, value,
                ])
            if existing.tags != tags {
                try setTags(entry.tags, of: existing.row, in: db)
            }
        } else {
            version = try lastVersion(of: name, in: db) + 1
            try db.cachedStatement(sql: Self.insertSQL).execute(
                arguments: [
                    name.namespace, name.key, version, now.microseconds, expiresAt?.microseconds,
                    tags, value,
                ])
            if !entry.tags.isEmpty {
                try setTags(entry.tags, of: db.lastInsertedRowID, in: db)
            }
        }
        return WriteReceipt(
            key: name.key, version: UInt64(version), wasOverwrite: isLive, expiresAt: expiresAt)
    }

    /// The part of ``recall(_:)`` on a connection.
    func entry(_ name: EntryName, at now: Timestamp, in db: Database) throws -> Entry? {
        let rows = try Row.fetchCursor(
            db.cachedStatement(sql: Self.recallSQL), arguments: [name.namespace, name.key])
        guard let row = try rows.next() else { return nil }
        var entry = try Entry(row: row)
        if let expiresAt = entry.expiresAt, expiresAt <= now { return nil }
        // A mark from before the entry belongs to the one that had its row.
        if let last = reads.note(row[8], at: now), last >= entry.createdAt {
            entry.accessedAt = last
        }
        return entry
    }

    /// The part of ``forget(_:)`` within a transaction.
    func remove(_ name: EntryName, at now: Timestamp, in db: Database) throws -> Bool {
        guard let existing = try Existing.find(name, in: db) else { return false }
        try db.cachedStatement(sql: "DELETE FROM entries WHERE id = ?").execute(
            arguments: [existing.row])
        return existing.isLive(at: now)
    }

    /// The last version that a key without an entry had, or that removed keys of its namespace had where theirs
    /// is no longer known, see ``MemorySchema``.
    private func lastVersion(of name: EntryName, in db: Database) throws -> Int64 {
        let statement = try db.cachedStatement(
            sql: "SELECT max(version) FROM tombstones WHERE namespace = ? AND key IN ('', ?)")
        return try Int64.fetchOne(statement, arguments: [name.namespace, name.key]) ?? 0
    }

    private func setTags(_ tags: [String], of row: Int64, in db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM entry_tags WHERE entry_id = ?").execute(
            arguments: [row])
        for tag in tags {
            try db.cachedStatement(sql: "INSERT INTO entry_tags (entry_id, tag) VALUES (?, ?)")
                .execute(arguments: [row, tag])
        }
    }

    // An empty Data is bound as NULL.
    private static let insertSQL = """
        INSERT INTO entries
            (namespace, key, version, created_at, updated_at, expires_at, tags, value)
        VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6, coalesce(?7, x''))
        """
    private static let replaceSQL = """
        UPDATE entries SET version = ?2, updated_at = ?3, expires_at = ?4, tags = ?5,
            value = coalesce(?6, x'')
        WHERE id = ?1
        """
    /// Takes the row of an entry that has expired, but is not swept yet.
    private static let reviveSQL = """
        UPDATE entries SET version = ?2, created_at = ?3, updated_at = ?3, accessed_at = NULL,
            expires_at = ?4, tags = ?5, value = coalesce(?6, x'')
        WHERE id = ?1
        """
    private static let recallSQL = """
        SELECT \(Entry.columns), id FROM entries WHERE namespace = ? AND key = ?
        """
}

/// What a write must know of the row it is to replace.
private struct Existing {
    let row: Int64
    let version: Int64
    let expiresAt: Timestamp?
    let tags: String

    static func find(_ name: EntryName, in db: Database) throws -> Existing? {
        let statement = try db.cachedStatement(
            sql: "SELECT id, version, expires_at, tags FROM entries WHERE namespace = ? AND key = ?"
        )
        let rows = try Row.fetchCursor(statement, arguments: [name.namespace, name.key])
        return try rows.next().map { row in
            Existing(
                row: row[0], version: row[1],
                expiresAt: (row[2] as Int64?).map(Timestamp.init(microseconds:)), tags: row[3])
        }
    }

    func isLive(at now: Timestamp) -> Bool {
        expiresAt.map { $0 > now } ?? true
    }
}
