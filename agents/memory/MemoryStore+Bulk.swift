import AgentRuntime
import GRDB

/// One element of a bulk operation: what it asks for, or why that is no valid request.
typealias BulkElement<Request> = Result<Request, OperationError>

extension MemoryStore {
    /// Stores many entries, in their order.
    ///
    /// - Parameters:
    ///   - entries: At most ``MemoryLimits/bulkCount``.
    ///   - atomic: All or nothing: where one is refused, none is stored. Else those that are not refused are stored,
    ///     a batch at a time, and short writes pass in between.
    /// - Returns: How many were stored, and why the others were not.
    /// - Throws: ``OperationError`` where there are too many; or the disk's failure, which leaves the batches
    ///   before it stored.
    func rememberAll(
        _ entries: [BulkElement<NewEntry>], atomic: Bool = false
    ) throws(OperationError) -> BulkOutcome {
        let now = clock()
        return try writeAll(entries, atomic: atomic, "remember \(entries.count) entries") {
            entry, db, outcome in
            let receipt = try store(entry, at: now, in: db)
            outcome.done += 1
            outcome.overwritten += receipt.wasOverwrite ? 1 : 0
        }
    }

    /// Removes many keys, as ``rememberAll(_:atomic:)`` stores entries.
    ///
    /// Keys that do not exist are not counted, and no error.
    func forgetAll(
        _ names: [BulkElement<EntryName>], atomic: Bool = false
    ) throws(OperationError) -> BulkOutcome {
        let now = clock()
        return try writeAll(names, atomic: atomic, "forget \(names.count) keys") {
            name, db, outcome in
            outcome.done += try remove(name, at: now, in: db) ? 1 : 0
        }
    }

    /// Reads entries, from the first name on, until their values fill an answer.
    ///
    /// - Returns: An entry, or nil, for each of the first names, at least one; ask again with the rest.
    func recallAll(_ names: ArraySlice<EntryName>) throws(OperationError) -> [Entry?] {
        let now = clock()
        try database.warnOfLoss("recall \(names.count) keys")
        return try database.scan("recall \(names.count) keys") { db in
            var entries: [Entry?] = []
            var size = 0
            for name in names {
                let entry = try entry(name, at: now, in: db)
                entries.append(entry)
                size += entry?.value.utf8.count ?? 0
                if size > MemoryLimits.answerBytes { break }
            }
            return entries
        }
    }

    /// Refuses more elements than a bulk operation may have.
    static func check(bulkCount count: Int) throws(OperationError) {
        guard count <= MemoryLimits.bulkCount else {
            throw OperationError(
                .invalidArgument,
                "cannot take \(count) elements in one call: the limit is \(MemoryLimits.bulkCount); send them in several"
            )
        }
    }

    private func writeAll<Request>(
        _ elements: [BulkElement<Request>], atomic: Bool, _ what: String,
        _ body: (Request, Database, inout BulkOutcome) throws -> Void
    ) throws(OperationError) -> BulkOutcome {
        try Self.check(bulkCount: elements.count)
        var outcome = BulkOutcome()
        let batchCount = atomic ? max(1, elements.count) : MemoryLimits.batchCount
        for start in stride(from: 0, to: elements.count, by: batchCount) {
            let batch = elements[start..<min(start + batchCount, elements.count)]
            outcome.add(
                try database.writeAtLength(what) { db in
                    try write(batch, atomic: atomic, in: db, body)
                })
        }
        return outcome
    }

    /// Carries out a batch; a refused element changes nothing, and says why.
    private func write<Request>(
        _ batch: ArraySlice<BulkElement<Request>>, atomic: Bool, in db: Database,
        _ body: (Request, Database, inout BulkOutcome) throws -> Void
    ) throws -> BulkOutcome {
        var outcome = BulkOutcome()
        try db.inSavepoint {
            for (index, element) in zip(batch.indices, batch) {
                do {
                    try body(element.get(), db, &outcome)
                } catch let error as OperationError {
                    outcome.errors.append(BulkError(index: index, error: error))
                }
            }
            guard atomic && !outcome.errors.isEmpty else { return .commit }
            outcome = BulkOutcome(errors: outcome.errors)
            return .rollback
        }
        return outcome
    }
}
