import AgentRuntime
import FoundationEssentials

/// Where a page of a list ended: the next one starts after its key, whatever was added or removed meanwhile.
struct ListCursor: Sendable, Hashable {
    let key: String

    /// Marks the text as ours, and as this form of it.
    private static let prefix = Data("k1:".utf8)

    init(after key: String) {
        self.key = key
    }

    /// Reads a cursor.
    ///
    /// - Throws: ``OperationError`` with `invalidArgument` where it is none of ours.
    init(_ text: String) throws(OperationError) {
        guard let data = Data(base64Encoded: text), data.starts(with: Self.prefix) else {
            throw .invalid("cursor", "no list gave it", "send next_cursor as it came, or none")
        }
        key = String(decoding: data.dropFirst(Self.prefix.count), as: UTF8.self)
    }

    /// What clients pass back as it is.
    var text: String { (Self.prefix + Data(key.utf8)).base64EncodedString() }
}
