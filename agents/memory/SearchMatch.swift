/// An entry that a search found.
struct SearchMatch: Sendable, Hashable {
    let key: String
    let value: String
    let tags: [String]
    /// Relative to the best match, which has 1.
    let score: Double
}

/// What a search found, best match first.
struct SearchMatches: Sendable, Hashable {
    var matches: [SearchMatch] = []
    /// More matched, but the values of these fill an answer.
    var isTruncated = false
}
