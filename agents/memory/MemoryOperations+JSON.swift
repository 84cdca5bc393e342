import AgentRuntime

extension Argument {
    static let key = Argument(
        "key", .string(maxBytes: MemoryLimits.keyBytes), isRequired: true,
        "1 to 512 bytes without control characters.")

    static let namespace = Argument(
        "namespace", .string(maxBytes: MemoryLimits.namespaceBytes), default: "default",
        "Keys of different namespaces are apart; at most 128 bytes.")

    static func limit(_ standard: Int64, _ what: String) -> Argument {
        Argument(
            "limit", .integer(1...Int64(MemoryLimits.resultCount)), default: .int(standard),
            "\(what), at most 1000.")
    }
}

extension Arguments {
    /// The text of an argument, empty where there is none.
    func text(_ name: String) -> String { string(name) ?? "" }
}

extension NewEntry {
    init(_ arguments: Arguments, in namespace: String) throws(OperationError) {
        try self.init(
            EntryName(arguments.text("key"), in: namespace), value: arguments.text("value"),
            tags: arguments.strings("tags"), ttlSeconds: UInt64(arguments.int("ttl_secs") ?? 0),
            overwrite: arguments.bool("overwrite") ?? true,
            ifVersion: arguments.int("if_version").map(UInt64.init))
    }
}

extension WriteReceipt {
    var fields: [String: JSONValue] {
        [
            "key": .string(key), "version": .int(Int64(version)),
            "was_overwrite": .bool(wasOverwrite), "expires_at": .time(expiresAt),
        ]
    }
}

extension Entry {
    var fields: [String: JSONValue] {
        [
            "found": true, "key": .string(key), "value": .string(value),
            "tags": .array(tags.map(JSONValue.string)), "version": .int(Int64(version)),
            "created_at": .time(createdAt), "updated_at": .time(updatedAt),
            "accessed_at": .time(accessedAt), "expires_at": .time(expiresAt),
        ]
    }
}

extension SearchMatch {
    var json: JSONValue {
        [
            "key": .string(key), "value": .string(value), "score": .double(score),
            "tags": .array(tags.map(JSONValue.string)),
        ]
    }
}

extension JSONValue {
    /// RFC 3339, or null.
    fileprivate static func time(_ time: Timestamp?) -> JSONValue {
        time.map { .string($0.description) } ?? .null
    }
}
