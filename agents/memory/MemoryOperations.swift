import AgentRuntime

/// The agent's operations: their arguments, and the store's answers as JSON.
struct MemoryOperations: Sendable {
    let store: MemoryStore

    var all: [Operation] {
        [remember, recall, forget, list, search, bulkRemember, bulkRecall, bulkForget]
    }

    private var remember: Operation {
        Operation(
            "remember", aliases: ["store"], "Stores a value under a key, durably.",
            arguments: [
                .key,
                Argument(
                    "value", .string(maxBytes: MemoryLimits.valueBytes), isRequired: true,
                    "The text to keep, at most 1 MiB."),
                Argument(
                    "ttl_secs", .integer(0...Int64(MemoryLimits.ttlSeconds)), default: 0,
                    "Seconds until it expires, at most 100 years; 0 never."),
                Argument(
                    "tags",
                    .array(
                        .string(maxBytes: MemoryLimits.tagBytes), maxCount: MemoryLimits.tagCount),
                    "At most 32 words to list it by, each at most 128 bytes."),
                .namespace,
                Argument("overwrite", .boolean, default: true, "Replace an existing entry."),
                Argument(
                    "if_version", .integer(0...Int64.max),
                    "Store only where the entry has this version; 0: only where there is none."),
            ]
        ) { arguments, _ in
            let entry = try NewEntry(arguments, in: arguments.text("namespace"))
            let receipt = try await store.soon { try $0.remember(entry) }
            return OperationResult(
                summary:
                    "\(receipt.wasOverwrite ? "replaced" : "stored") \(entry.name), version \(receipt.version)",
                fields: receipt.fields)
        }
    }

    private var recall: Operation {
        Operation(
            "recall", "Reads the value of a key; a miss is found: false.", isReadOnly: true,
            arguments: [.key, .namespace]
        ) { arguments, _ in
            let name = try EntryName(arguments.text("key"), in: arguments.text("namespace"))
            let entry = try await store.soon { try $0.recall(name) }
            guard let entry else {
                return OperationResult(
                    summary: "\(name) is not stored",
                    fields: ["found": false, "key": .string(name.key)])
            }
            return OperationResult(
                summary: "\(name), version \(entry.version), \(entry.value.utf8.count) bytes",
                fields: entry.fields)
        }
    }

    private var forget: Operation {
        Operation("forget", "Removes a key.", arguments: [.key, .namespace]) { arguments, _ in
            let name = try EntryName(arguments.text("key"), in: arguments.text("namespace"))
            let existed = try await store.soon { try $0.forget(name) }
            return OperationResult(
                summary: existed ? "forgot \(name)" : "\(name) was not stored",
                fields: ["existed": .bool(existed), "key": .string(name.key)])
        }
    }

    private var list: Operation {
        Operation(
            "list", "Lists keys in ascending order.", isReadOnly: true,
            arguments: [
                Argument(
                    "pattern", .string(maxBytes: MemoryLimits.patternBytes), default: "*",
                    "A glob with *, ? and [...]; case counts."),
                Argument(
                    "tag", .string(maxBytes: MemoryLimits.tagBytes), "Only entries with this tag."),
                .limit(100, "Keys on a page"),
                Argument(
                    "cursor", .string(maxBytes: 4 * MemoryLimits.keyBytes),
                    "next_cursor of the page before."),
                .namespace,
            ]
        ) { arguments, _ in
            let query = try ListQuery(
                pattern: arguments.text("pattern"), tag: arguments.text("tag"),
                limit: Int(arguments.int("limit") ?? 100), cursor: arguments.text("cursor"),
                namespace: arguments.text("namespace"))
            let page = try await store.atLength { try $0.list(query) }
            return OperationResult(
                summary: "\(page.keys.count) of \(page.total) keys",
                fields: [
                    "keys": .array(page.keys.map(JSONValue.string)),
                    "total": .int(Int64(page.total)),
                    "next_cursor": page.next.map { .string($0.text) } ?? .null,
                ])
        }
    }

    private var search: Operation {
        Operation(
            "search",
            "Finds entries by the words of their keys, values and tags, best match first.",
            isReadOnly: true,
            arguments: [
                Argument(
                    "query", .string(maxBytes: MemoryLimits.queryBytes), isRequired: true,
                    "Words; all must occur, the last may be the beginning of one."),
                .limit(20, "Matches"),
                Argument(
                    "min_score", .number(0...1), default: 0,
                    "Leave out what scores less; the best match has 1."),
                .namespace,
            ]
        ) { arguments, _ in
            let query = try SearchQuery(
                arguments.text("query"), limit: Int(arguments.int("limit") ?? 20),
                minimumScore: arguments.double("min_score") ?? 0,
                namespace: arguments.text("namespace"))
            let found = try await store.atLength { try $0.search(query) }
            var fields: [String: JSONValue] = ["entries": .array(found.matches.map(\.json))]
            if found.isTruncated { fields["truncated"] = true }
            return OperationResult(
                summary: "\(found.matches.count) entries match"
                    + (found.isTruncated
                        ? "; more do, send a lower limit or read them by recall" : ""),
                fields: fields)
        }
    }
}
