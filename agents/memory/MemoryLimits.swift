/// What one call may hold, and how much is done in one go.
enum MemoryLimits {
    /// UTF-8 bytes of a key.
    static let keyBytes = 512
    /// UTF-8 bytes of a value.
    static let valueBytes = 1 << 20
    /// UTF-8 bytes of a namespace's name.
    static let namespaceBytes = 128
    /// Tags of an entry.
    static let tagCount = 32
    /// UTF-8 bytes of a tag.
    static let tagBytes = 128
    /// Seconds that an entry may live, 100 years.
    static let ttlSeconds: UInt64 = 3_155_760_000
    /// Elements of a bulk operation.
    static let bulkCount = 10_000
    /// Keys on a page of a list, and matches of a search.
    static let resultCount = 1_000
    /// UTF-8 bytes of a glob pattern.
    static let patternBytes = 1_024
    /// UTF-8 bytes of a search query.
    static let queryBytes = 4_096
    /// Bytes of values after which an answer takes no further entry: with one more value of the largest
    /// size it is still below gRPC's usual 4 MiB for a message.
    static let answerBytes = 2 << 20

    /// Entries in one transaction of a long write, so that it lets short ones in between every
    /// millisecond or so.
    static let batchCount = 64
    /// Bytes of values in one transaction of a long write; one large value may exceed it.
    static let batchBytes = 256 << 10
    /// A database up to this size is checked before the agent serves, after its owner was killed; a larger one
    /// while it serves, so that a start always takes less than a second or two.
    static let checkedAtStartBytes = 64 << 20
    /// Forgotten keys whose last version is kept, see ``MemorySchema``.
    static let tombstoneCount: Int64 = 100_000
    /// Transactions after which the write-ahead log is copied into the database in the background.
    static let transactionsPerCheckpoint = 500
    /// Pages of the write-ahead log, 32 MiB, at which a writing caller has to copy them itself.
    static let largestLogPages = 8_192
    /// Bytes to which the write-ahead log's file is cut when it starts over.
    static let logFileBytes = 16 << 20
}
