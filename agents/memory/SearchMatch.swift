/// An entry that a search found.
struct SearchMatch: Sendable, Hashable {
    let key: String
    let value: String
    let tags: [String]
    /// Relative to the best match, which has 1.
    let score: Double
}
