import FoundationEssentials
import GRDB

/// An entry as it is kept.
struct Entry: Sendable, Hashable {
    let key: String
    let value: String
    let tags: [String]
    let version: UInt64
    /// When the key was first stored, or stored again after it was forgotten or had expired.
    let createdAt: Timestamp
    let updatedAt: Timestamp
    /// The last recall; nil: never.
    var accessedAt: Timestamp?
    /// Nil: never.
    let expiresAt: Timestamp?
}

extension Entry {
    /// The columns that ``init(row:)`` reads, in its order.
    static let columns = """
        key, version, created_at, updated_at, accessed_at, expires_at, tags, value
        """

    init(row: Row) throws {
        key = row[0]
        version = UInt64(row[1] as Int64)
        createdAt = Timestamp(microseconds: row[2])
        updatedAt = Timestamp(microseconds: row[3])
        accessedAt = (row[4] as Int64?).map(Timestamp.init(microseconds:))
        expiresAt = (row[5] as Int64?).map(Timestamp.init(microseconds:))
        tags = Entry.tags(fromColumn: row[6])
        value = try Entry.value(of: row, at: 7)
    }

    /// Values are kept as blobs: bound as text they would end at their first U+0000.
    static func value(of row: Row, at index: Int) throws -> String {
        try row.withUnsafeData(atIndex: index) { data in
            String(decoding: data ?? Data(), as: UTF8.self)
        }
    }

    /// Tags are kept as lines: they have no control characters, and the word index reads them as
    /// they are.
    static func tags(fromColumn lines: String) -> [String] {
        lines.split(separator: "\n").map(String.init)
    }

    static func column(ofTags tags: [String]) -> String {
        tags.joined(separator: "\n")
    }
}
