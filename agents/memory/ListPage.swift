/// A page of keys, in ascending order of their bytes.
struct ListPage: Sendable, Hashable {
    let keys: [String]
    /// All keys that match, on every page.
    let total: Int
    /// Nil: this was the last page.
    let next: ListCursor?
}
