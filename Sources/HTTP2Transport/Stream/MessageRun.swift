/// Small messages that wait in a row, in one buffer.
///
/// An array for each would take ten times what they took on the wire, and a peer that sends many to a call
/// that reads none would have this side hold that much more than the stream's window.
struct MessageRun {
    /// A message, and the flow-control credit that is returned once it is taken, in bytes.
    struct Entry: Equatable {
        var message: [UInt8]
        var isCompressed: Bool
        var debt: Int
    }

    /// Of a message that is small, in bytes; both numbers of its prefix then fit in two bytes.
    static let maximumMessageLength = 512
    /// Of all messages with their prefixes, in bytes; what is taken from the front is given back with the whole.
    static let capacity = 16 << 10
    /// A flag for compression, the length, and the debt: as long as the message's prefix was on the wire.
    private static let prefixLength = 5

    private var bytes: [UInt8] = []
    private var head = 0

    var isEmpty: Bool { head == bytes.count }

    /// Adds a message at the end.
    ///
    /// - Returns: False where it is not small, or the run is full: the message is not in it.
    mutating func append(_ entry: Entry) -> Bool {
        guard entry.message.count <= Self.maximumMessageLength,
            let debt = UInt16(exactly: entry.debt),
            bytes.count + Self.prefixLength + entry.message.count <= Self.capacity
        else { return false }
        let length = UInt16(entry.message.count)
        bytes.append(entry.isCompressed ? 1 : 0)
        bytes.append(UInt8(length >> 8))
        bytes.append(UInt8(truncatingIfNeeded: length))
        bytes.append(UInt8(debt >> 8))
        bytes.append(UInt8(truncatingIfNeeded: debt))
        bytes.append(contentsOf: entry.message)
        return true
    }

    /// Takes the first message.
    ///
    /// - Returns: Nil where there is none.
    mutating func popFirst() -> Entry? {
        guard !isEmpty else { return nil }
        let length = Int(bytes[head + 1]) << 8 | Int(bytes[head + 2])
        let debt = Int(bytes[head + 3]) << 8 | Int(bytes[head + 4])
        let start = head + Self.prefixLength
        let entry = Entry(
            message: Array(bytes[start..<start + length]), isCompressed: bytes[head] == 1,
            debt: debt)
        head = start + length
        if isEmpty {
            bytes.removeAll(keepingCapacity: true)
            head = 0
        }
        return entry
    }
}
