/// When an agent is started.
package enum StartPolicy: String, CaseIterable, Sendable {
    /// It is warm before the first user calls, and stays.
    case connection
    /// It is started by the first call, by the first connection to its port or ahead of a session
    /// that is expected to use it, and stopped when nothing needs it.
    case demand
}
