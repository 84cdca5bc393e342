import AgentAPI
import AgentRuntime
import SwiftProtobuf

extension NewEntry {
    init(_ request: Op_Agents_V1_MemoryRememberRequest) throws(OperationError) {
        try self.init(
            EntryName(request.key, in: request.namespace), value: request.value,
            tags: request.tags, ttlSeconds: request.ttlSecs,
            overwrite: request.hasOverwrite ? request.overwrite : true,
            ifVersion: request.hasIfVersion ? request.ifVersion : nil)
    }
}

extension Op_Agents_V1_MemoryRememberResponse {
    init(_ receipt: WriteReceipt) {
        self.init()
        key = receipt.key
        version = receipt.version
        wasOverwrite = receipt.wasOverwrite
        if let time = receipt.expiresAt { expiresAt = Google_Protobuf_Timestamp(time) }
    }
}

extension Op_Agents_V1_MemoryRecallResponse {
    init(_ entry: Entry?, of name: EntryName) {
        self.init()
        key = name.key
        guard let entry else { return }
        found = true
        value = entry.value
        tags = entry.tags
        version = entry.version
        createdAt = Google_Protobuf_Timestamp(entry.createdAt)
        updatedAt = Google_Protobuf_Timestamp(entry.updatedAt)
        if let time = entry.accessedAt { accessedAt = Google_Protobuf_Timestamp(time) }
        if let time = entry.expiresAt { expiresAt = Google_Protobuf_Timestamp(time) }
    }
}

extension Op_Agents_V1_MemorySearchEntry {
    init(_ match: SearchMatch) {
        self.init()
        key = match.key
        value = match.value
        score = match.score
        tags = match.tags
    }
}

extension Op_Agents_V1_MemoryBulkError {
    init(_ error: BulkError) {
        self.init()
        index = UInt32(error.index)
        message = error.error.message
    }
}

extension Google_Protobuf_Timestamp {
    fileprivate init(_ time: Timestamp) {
        // Times of entries are after 1970, where the remainder is not negative.
        let (seconds, fraction) = time.microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        self.init(seconds: seconds, nanos: Int32(fraction) * 1_000)
    }
}
