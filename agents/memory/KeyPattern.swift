import AgentRuntime

/// A glob over keys: `*`, `?` and `[...]`, with `[!...]` or `[^...]` for what is not in it; case counts.
struct KeyPattern: Sendable, Hashable {
    /// As SQLite's GLOB takes it.
    let glob: String

    /// Checks a pattern.
    ///
    /// - Parameter text: At most ``MemoryLimits/patternBytes`` bytes; empty means all keys.
    /// - Throws: ``OperationError`` with `invalidArgument`.
    init(_ text: String) throws(OperationError) {
        guard !text.isEmpty else {
            glob = "*"
            return
        }
        try EntryName.check(text, called: "pattern", maxBytes: MemoryLimits.patternBytes)
        var glob = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        while let character = rest.popFirst() {
            glob.append(character)
            guard character == "[" else { continue }
            if rest.first == "!" || rest.first == "^" {
                rest.removeFirst()
                glob.append("^")
            }
            // A bracket right after the opening one is a member of the class, not its end.
            if rest.first == "]" {
                rest.removeFirst()
                glob.append("]")
            }
            guard let end = rest.firstIndex(of: "]") else {
                throw .invalid(
                    "pattern", "the [ in \"\(text)\" has no ]",
                    "close it, or write [[] for a bracket")
            }
            glob += rest[...end]
            rest = rest[rest.index(after: end)...]
        }
        self.glob = String(glob)
    }
}
