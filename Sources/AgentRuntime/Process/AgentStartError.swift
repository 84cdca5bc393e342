/// An agent that cannot start.
struct AgentStartError: Error, CustomStringConvertible {
    /// One sentence that starts with "cannot" and says the remedy.
    let description: String
}
