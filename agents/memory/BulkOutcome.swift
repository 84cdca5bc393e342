/// What a bulk operation did.
struct BulkOutcome: Sendable, Hashable {
    /// Entries stored, or keys removed.
    var done = 0
    /// Of the entries stored, how many replaced one.
    var overwritten = 0
    var errors: [BulkError] = []

    /// Adds the outcome of further elements.
    ///
    /// - Parameters:
    ///   - next: What was done with them.
    ///   - start: The place of the first of them, where their errors count from 0.
    mutating func add(_ next: BulkOutcome, startingAt start: Int = 0) {
        done += next.done
        overwritten += next.overwritten
        errors += next.errors.map { BulkError(index: start + $0.index, error: $0.error) }
    }
}
