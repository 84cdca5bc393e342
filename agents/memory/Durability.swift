import AgentRuntime

/// What an acknowledged write survives.
enum Durability: String, Sendable, Hashable {
    /// A SIGKILL of the agent. A power cut may take the last instants, never the database.
    case normal
    /// A power cut too, at the price of one fsync for each write.
    case full

    /// Reads the setting.
    ///
    /// - Parameter setting: "normal" or "full"; nil or empty means normal.
    /// - Throws: ``OperationError`` with `failedPrecondition` for anything else.
    init(setting: String?) throws(OperationError) {
        guard let setting, !setting.isEmpty else {
            self = .normal
            return
        }
        guard let durability = Durability(rawValue: setting.lowercased()) else {
            throw OperationError(
                .failedPrecondition,
                "cannot use OP_DURABILITY=\(setting): it is no durability; set normal or full")
        }
        self = durability
    }
}
