import AgentRuntime
import GRDB

extension MemoryStore {
    /// Lists keys in ascending order of their bytes.
    func list(_ query: ListQuery) throws(OperationError) -> ListPage {
        try database.warnOfLoss("list the keys of namespace \"\(query.namespace)\"")
        let now = clock()
        let source =
            query.tag.isEmpty
            ? "entries" : "entry_tags JOIN entries ON entries.id = entry_tags.entry_id"
        let filter = """
            namespace = :namespace AND key GLOB :pattern
            AND (expires_at IS NULL OR expires_at > :now)
            \(query.tag.isEmpty ? "" : "AND tag = :tag")
            """
        var arguments: StatementArguments = [
            "namespace": query.namespace, "pattern": query.pattern.glob, "now": now.microseconds,
        ]
        if !query.tag.isEmpty { arguments += ["tag": query.tag] }

        return try database.scan("list the keys of namespace \"\(query.namespace)\"") { db in
            let total = try Int.fetchOne(
                db.cachedStatement(sql: "SELECT count(*) FROM \(source) WHERE \(filter)"),
                arguments: arguments)
            // One key more than the page holds says whether there is a next one.
            var keys = try String.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT key FROM \(source) WHERE \(filter) AND key > :after
                        ORDER BY key LIMIT :limit
                        """),
                arguments: arguments + ["after": query.cursor?.key ?? "", "limit": query.limit + 1])
            let isLast = keys.count <= query.limit
            if !isLast { keys.removeLast() }
            return ListPage(
                keys: keys, total: total ?? 0,
                next: isLast ? nil : keys.last.map(ListCursor.init(after:)))
        }
    }
}
