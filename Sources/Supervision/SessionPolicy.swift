package import AgentManifest

/// How long sessions last.
package struct SessionPolicy: Equatable, Sendable {
    /// How long a session lasts without a call; 15 min by default.
    package var lease: Duration
    /// How long it outlives its `Session` stream; 30 s by default.
    package var grace: Duration

    /// Takes the policy out of the configuration.
    ///
    /// - Parameter settings: The `[sessions]` table.
    package init(_ settings: SessionSettings) {
        lease = settings.lease
        grace = settings.grace
    }
}
