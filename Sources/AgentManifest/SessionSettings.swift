/// The `[sessions]` table: how long a session lasts, and what is started ahead of its calls.
package struct SessionSettings: Equatable, Sendable {
    /// How long a session lasts without a call, 15 min by default.
    package var lease: Duration = .seconds(15 * 60)
    /// How long it outlives the end of its `Session` stream, 30 s by default.
    package var grace: Duration = .seconds(30)
    /// How long an on-demand agent stays when nothing needs it, 60 s by default.
    package var idleTimeout: Duration = .seconds(60)
    /// The on-demand agents to start ahead, by the client's name; a client that is not named here
    /// gets what its last sessions used.
    package var prewarm: [String: [AgentID]] = [:]

    /// Makes the default settings.
    package init() {}
}
