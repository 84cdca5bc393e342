import AgentRuntime

/// Which keys a list is to show.
struct ListQuery: Sendable, Hashable {
    let namespace: String
    let pattern: KeyPattern
    /// Only entries with this tag; empty: all.
    let tag: String
    let limit: Int
    let cursor: ListCursor?

    /// Checks a query.
    ///
    /// - Parameters:
    ///   - pattern: A glob; empty means all keys.
    ///   - tag: Only entries with this tag; empty means all.
    ///   - limit: 1 to ``MemoryLimits/resultCount`` keys; 100 by default.
    ///   - cursor: The one of the page before; empty means the first page.
    ///   - namespace: Empty means "default".
    /// - Throws: ``OperationError`` with `invalidArgument`.
    init(
        pattern: String = "", tag: String = "", limit: Int = 100, cursor: String = "",
        namespace: String = ""
    ) throws(OperationError) {
        self.namespace = try EntryName.checked(namespace: namespace)
        self.pattern = try KeyPattern(pattern)
        try EntryName.check(tag, called: "tag", maxBytes: MemoryLimits.tagBytes)
        self.tag = tag
        self.limit = try MemoryLimits.checked(limit: limit)
        self.cursor = cursor.isEmpty ? nil : try ListCursor(cursor)
    }
}

extension MemoryLimits {
    /// A number of results that may be asked for.
    static func checked(limit: Int) throws(OperationError) -> Int {
        guard (1...resultCount).contains(limit) else {
            throw .invalid("limit", "it is \(limit)", "send 1 to \(resultCount)")
        }
        return limit
    }
}
