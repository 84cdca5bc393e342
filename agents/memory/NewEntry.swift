import AgentRuntime

/// What a caller wants remembered, within the limits.
struct NewEntry: Sendable, Hashable {
    let name: EntryName
    let value: String
    /// Each once, in the order given.
    let tags: [String]
    /// Seconds until it expires; 0 never.
    let ttlSeconds: UInt64
    /// Replace an existing entry.
    let overwrite: Bool
    /// Store only where the entry has this version; 0: only where there is no entry.
    let ifVersion: UInt64?

    /// Checks an entry.
    ///
    /// - Throws: ``OperationError`` with `invalidArgument` that names the part and its limit.
    init(
        _ name: EntryName, value: String, tags: [String] = [], ttlSeconds: UInt64 = 0,
        overwrite: Bool = true, ifVersion: UInt64? = nil
    ) throws(OperationError) {
        let size = value.utf8.count
        guard size <= MemoryLimits.valueBytes else {
            throw .invalid(
                "value", "it has \(size) bytes",
                "send at most \(MemoryLimits.valueBytes) bytes, or keep it in a file and send its path"
            )
        }
        guard ttlSeconds <= MemoryLimits.ttlSeconds else {
            throw .invalid(
                "ttl_secs", "it is \(ttlSeconds)",
                "send at most \(MemoryLimits.ttlSeconds) (100 years), or 0 for never")
        }
        self.name = name
        self.value = value
        self.tags = try Self.checked(tags: tags)
        self.ttlSeconds = ttlSeconds
        self.overwrite = overwrite
        self.ifVersion = ifVersion
    }

    private static func checked(tags: [String]) throws(OperationError) -> [String] {
        guard !tags.isEmpty else { return [] }
        guard tags.count <= MemoryLimits.tagCount else {
            throw .invalid(
                "tags", "they are \(tags.count)", "send at most \(MemoryLimits.tagCount)")
        }
        var unique: [String] = []
        for tag in tags where !unique.contains(tag) {
            guard !tag.isEmpty else {
                throw .invalid(
                    "tags", "one is empty", "send 1 to \(MemoryLimits.tagBytes) bytes for each")
            }
            try EntryName.check(tag, called: "tags", maxBytes: MemoryLimits.tagBytes)
            unique.append(tag)
        }
        return unique
    }
}
