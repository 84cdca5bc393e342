private import AgentAPI

/// A range of an artifact as the `artifact` operation answers it: text that breaks between characters.
struct ArtifactRange {
    private let id: String
    private let offset: Int64
    private let text: LossyUTF8
    private let nextOffset: Int64
    private let totalBytes: Int64

    /// Creates the answer; a character that the end of the range goes through is left to the next range.
    init(id: String, offset: Int64, bytes: [UInt8], of totalBytes: Int64) {
        self.id = id
        self.offset = offset
        self.totalBytes = totalBytes
        let isLast = offset + Int64(bytes.count) >= totalBytes
        let unfinished = isLast ? 0 : UTF8Boundary.unfinishedBytes(at: bytes)
        // A range shorter than its first character is answered as it is, or nobody could get past it.
        let kept = unfinished < bytes.count ? bytes.count - unfinished : bytes.count
        text = LossyUTF8(bytes.prefix(kept))
        nextOffset = offset + Int64(kept)
    }

    var result: OperationResult {
        var fields: [String: JSONValue] = [
            "id": .string(id), "offset": .int(offset), "content": .string(text.text),
            "content_replaced": .bool(text.hasReplacements), "total_bytes": .int(totalBytes),
            "is_last": .bool(nextOffset >= totalBytes),
        ]
        if nextOffset < totalBytes { fields["next_offset"] = .int(nextOffset) }
        let end = min(nextOffset, totalBytes)
        return OperationResult(
            summary:
                "bytes \(min(offset, totalBytes)) to \(end) of \(totalBytes) of artifact \(id)",
            fields: fields)
    }
}
