import AgentRuntime

/// What names an entry: a key in a namespace, both within their limits.
struct EntryName: Sendable, Hashable {
    let namespace: String
    let key: String

    /// Checks a name.
    ///
    /// - Parameters:
    ///   - key: 1 to ``MemoryLimits/keyBytes`` bytes without control characters.
    ///   - namespace: At most ``MemoryLimits/namespaceBytes`` bytes without control characters;
    ///     empty means "default".
    /// - Throws: ``OperationError`` with `invalidArgument`.
    init(_ key: String, in namespace: String = "") throws(OperationError) {
        self.namespace = try Self.checked(namespace: namespace)
        guard !key.isEmpty else {
            throw .invalid("key", "it is empty", "send 1 to \(MemoryLimits.keyBytes) bytes")
        }
        try Self.check(key, called: "key", maxBytes: MemoryLimits.keyBytes)
        self.key = key
    }

    /// The namespace, or "default" where it is empty.
    static func checked(namespace: String) throws(OperationError) -> String {
        guard !namespace.isEmpty else { return "default" }
        try check(namespace, called: "namespace", maxBytes: MemoryLimits.namespaceBytes)
        return namespace
    }

    /// Refuses text that is too long, or that has control characters: they are no part of a name
    /// that a person can read, and SQLite's text ends at U+0000.
    static func check(
        _ text: String, called name: String, maxBytes: Int
    ) throws(OperationError) {
        let bytes = text.utf8
        guard bytes.count <= maxBytes else {
            throw .invalid(name, "it has \(bytes.count) bytes", "send at most \(maxBytes) bytes")
        }
        guard !bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw .invalid(name, "it has a control character", "send it without")
        }
    }
}

extension EntryName: CustomStringConvertible {
    /// As messages show it.
    var description: String {
        namespace == "default" ? "\"\(key)\"" : "\"\(key)\" of namespace \"\(namespace)\""
    }
}
