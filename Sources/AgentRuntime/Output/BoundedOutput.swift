private import AgentAPI

/// Output that goes into a result: its head and its tail, the middle cut where it is long, the whole in an artifact.
///
/// The artifact is made when the bound is crossed, so short outputs touch no file.
package struct BoundedOutput: ~Copyable, Sendable {
    /// The bound, in bytes, unless the caller says otherwise: 64 KiB.
    package static let defaultLimit = 64 << 10

    /// The bytes that came.
    package private(set) var totalBytes: Int64 = 0

    private let limit: Int
    private let artifacts: ArtifactStore?
    private var artifact: ArtifactWriter?
    /// The first bytes, at most half the limit.
    private var head: [UInt8] = []
    /// The last bytes after the head.
    ///
    /// Holds up to twice its half, so that it is trimmed once in so many bytes.
    private var tail: [UInt8] = []

    /// Creates an empty output.
    ///
    /// - Parameters:
    ///   - limit: The bytes that a result may have of it; 64 KiB by default.
    ///   - artifacts: Keeps the whole; nil to keep none.
    package init(limit: Int = defaultLimit, artifacts: ArtifactStore?) {
        precondition(limit >= 2, "a bound needs room for a head and a tail")
        self.limit = limit
        self.artifacts = artifacts
    }

    /// Adds bytes at the end.
    ///
    /// - Throws: ``OperationError`` where the artifact cannot be written.
    package mutating func append(_ bytes: some Collection<UInt8>) throws(OperationError) {
        totalBytes += Int64(bytes.count)
        if totalBytes > limit, let artifacts {
            if artifact == nil {
                // Nothing was cut so far, so head and tail are the whole.
                artifact = try artifacts.create()
                try artifact?.append(head)
                try artifact?.append(tail)
            }
            try artifact?.append(bytes)
        }
        let room = limit / 2 - head.count
        head.append(contentsOf: bytes.prefix(room))
        tail.append(contentsOf: bytes.dropFirst(room))
        if tail.count > 2 * tailLimit { tail.removeFirst(tail.count - tailLimit) }
    }

    private var tailLimit: Int { limit - limit / 2 }

    /// What a result holds of it.
    package struct Summary: Sendable, Hashable {
        /// The text, with a line that says what was cut where something was.
        package var text: String
        /// Bytes that were not UTF-8 were replaced in the text.
        package var hasReplacements: Bool
        /// The middle is missing in the text.
        package var isTruncated: Bool
        /// The bytes of the whole.
        package var totalBytes: Int64
        /// The whole, where it was cut and kept.
        package var artifactID: String?

        /// The fields of the envelope: none where nothing was cut, else `truncated`, `total_bytes`, `artifact_id`.
        package var envelopeFields: [String: JSONValue] {
            guard isTruncated else { return [:] }
            var fields: [String: JSONValue] = [
                "truncated": true, "total_bytes": .int(totalBytes),
            ]
            if let artifactID { fields["artifact_id"] = .string(artifactID) }
            return fields
        }
    }

    /// Ends the output.
    package consuming func finish() -> Summary {
        guard totalBytes > limit else {
            let text = LossyUTF8(head + tail)
            return Summary(
                text: text.text, hasReplacements: text.hasReplacements, isTruncated: false,
                totalBytes: totalBytes, artifactID: nil)
        }
        // A character that the cut went through is left out rather than replaced.
        let start = LossyUTF8(head.prefix(head.count - UTF8Boundary.unfinishedBytes(at: head)))
        let last = tail.suffix(tailLimit)
        let end = LossyUTF8(last.dropFirst(UTF8Boundary.orphanedBytes(at: last)))
        let cut = totalBytes - Int64(head.count) - Int64(min(tail.count, tailLimit))
        let artifactID = artifact?.id
        let remedy = artifactID.map { "; the whole is artifact \($0)" } ?? ""
        return Summary(
            text: start.text + "\n[\(cut) bytes left out here\(remedy)]\n" + end.text,
            hasReplacements: start.hasReplacements || end.hasReplacements, isTruncated: true,
            totalBytes: totalBytes, artifactID: artifactID)
    }
}
