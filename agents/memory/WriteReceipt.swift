/// What is said of a stored entry.
struct WriteReceipt: Sendable, Hashable {
    let key: String
    /// Grows with each write of the key, also past a forget.
    let version: UInt64
    /// An entry that had not expired was replaced.
    let wasOverwrite: Bool
    /// Nil: never.
    let expiresAt: Timestamp?
}
