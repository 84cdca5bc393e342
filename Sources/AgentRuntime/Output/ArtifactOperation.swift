extension Operation {
    /// The most bytes that one call of `artifact` reads: 1 MiB.
    private static let maxArtifactRange: Int64 = 1 << 20

    /// `artifact`, which every agent has: reads a range of an output that was too long for its result.
    ///
    /// - Parameter store: The agent's artifacts.
    /// - Returns: The operation.
    static func artifact(in store: ArtifactStore) -> Operation {
        Operation(
            "artifact", "Reads a range of an output that a result cut (its artifact_id).",
            isReadOnly: true,
            arguments: [
                Argument(
                    "id", .string(maxBytes: 64), isRequired: true, "The artifact_id of the result."),
                Argument("offset", .integer(0...Int64.max), default: 0, "Bytes to skip."),
                Argument(
                    "limit", .integer(1...maxArtifactRange),
                    default: .int(Int64(BoundedOutput.defaultLimit)),
                    "The most bytes to read, at most 1 MiB; 64 KiB by default."),
            ]
        ) { arguments, _ in
            let id = arguments.string("id") ?? ""
            let offset = arguments.int("offset") ?? 0
            let range = try store.read(
                id, offset: offset,
                limit: Int(arguments.int("limit") ?? Int64(BoundedOutput.defaultLimit)))
            return ArtifactRange(id: id, offset: offset, bytes: range.bytes, of: range.totalBytes)
                .result
        }
    }
}
