/// What a search found, best match first.
struct SearchMatches: Sendable, Hashable {
    var matches: [SearchMatch] = []
    /// More matched, but the values of these fill an answer.
    var isTruncated = false
}
