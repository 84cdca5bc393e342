import AgentRuntime
import GRDB

extension MemoryStore {
    /// Finds entries by the words of their keys, values and tags, ranked by bm25.
    ///
    /// A word in the key weighs three times, in a tag twice what it weighs in the value. What was acknowledged before
    /// the call is found.
    func search(_ query: SearchQuery) throws(OperationError) -> SearchMatches {
        try database.warnOfLoss("search namespace \"\(query.namespace)\"")
        try indexWords()
        if let found = try matches(of: query) { return found }
        try database.writeAtLength("make the word index anew", makeWordIndexAnew)
        guard let found = try matches(of: query) else {
            throw OperationError(
                .dataLoss,
                "cannot search: the word index was damaged, made anew, and is damaged again; check the disk of \(database.path)"
            )
        }
        return found
    }

    /// What the word index finds; nil where it is damaged.
    private func matches(of query: SearchQuery) throws(OperationError) -> SearchMatches? {
        let now = clock()
        return try database.scan("search namespace \"\(query.namespace)\"") { db in
            do {
                return try matches(of: query, at: now, in: db)
            } catch let error as DatabaseError where error.isWordIndexDamage {
                return nil
            }
        }
    }

    private func matches(
        of query: SearchQuery, at now: Timestamp, in db: Database
    ) throws -> SearchMatches {
        let rows = try Row.fetchCursor(
            db.cachedStatement(sql: Self.searchSQL),
            arguments: [query.expression, query.namespace, now.microseconds, query.limit])
        var found = SearchMatches()
        var best: Double?
        var size = 0
        while let row = try rows.next() {
            // bm25 is negative, and lowest for the best match.
            let rank: Double = row[3]
            let score = rank / (best ?? rank)
            best = best ?? rank
            if score < query.minimumScore { break }
            if size > MemoryLimits.answerBytes {
                found.isTruncated = true
                break
            }
            let value = try Entry.value(of: row, at: 2)
            size += value.utf8.count
            found.matches.append(
                SearchMatch(
                    key: row[0], value: value, tags: Entry.tags(fromColumn: row[1]),
                    score: score))
        }
        return found
    }

    /// Brings the word index in step with the entries, a batch at a time.
    func indexWords() throws(OperationError) {
        while try hasUnindexed() {
            try database.writeAtLength("index what was remembered") { db in
                guard let last = try endOfIndexBatch(in: db) else { return }
                do {
                    for sql in Self.indexSQL {
                        try db.cachedStatement(sql: sql).execute(arguments: [last])
                    }
                } catch let error as DatabaseError where error.isWordIndexDamage {
                    try makeWordIndexAnew(in: db)
                }
            }
        }
    }

    /// The word index holds nothing that the entries do not: made anew, it is whole again.
    private func makeWordIndexAnew(in db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO entry_words (entry_words) VALUES ('rebuild');
                DELETE FROM unindexed;
                """)
    }

    /// Asks the reading connection first: usually there is nothing to do, and no reason to wait for the writer.
    private func hasUnindexed() throws(OperationError) -> Bool {
        try database.lookUp("index what was remembered") { db in
            try Bool.fetchOne(
                db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM unindexed)")) ?? false
        }
    }

    /// The last row of the next batch; nil where nothing is left.
    private func endOfIndexBatch(in db: Database) throws -> Int64? {
        let rows = try Row.fetchCursor(
            db.cachedStatement(sql: Self.batchSQL), arguments: [MemoryLimits.batchCount])
        var last: Int64?
        var size = 0
        while size < MemoryLimits.batchBytes, let row = try rows.next() {
            last = row[0]
            size += row[1] as Int
        }
        return last
    }

    // The join is ordered by hand: the index yields its rows best first, so LIMIT ends the work.
    private static let searchSQL = """
        SELECT entries.key, entries.tags, entries.value, entry_words.rank
        FROM entry_words CROSS JOIN entries ON entries.id = entry_words.rowid
        WHERE entry_words MATCH ?1 AND entries.namespace = ?2
            AND (entries.expires_at IS NULL OR entries.expires_at > ?3)
        ORDER BY entry_words.rank LIMIT ?4
        """
    private static let batchSQL = """
        SELECT unindexed.id,
            coalesce(length(unindexed.value), 0) + coalesce(length(entries.value), 0)
        FROM unindexed LEFT JOIN entries USING (id)
        ORDER BY unindexed.id LIMIT ?
        """
    /// Takes out what the index still knows, puts in what is there now, drops the notes.
    private static let indexSQL = [
        """
        INSERT INTO entry_words (entry_words, rowid, key, value, tags)
        SELECT 'delete', id, key, value, tags FROM unindexed WHERE id <= ? AND key IS NOT NULL
        """,
        """
        INSERT INTO entry_words (rowid, key, value, tags)
        SELECT entries.id, entries.key, entries.value, entries.tags
        FROM unindexed JOIN entries USING (id) WHERE unindexed.id <= ?
        """,
        "DELETE FROM unindexed WHERE id <= ?",
    ]
}
