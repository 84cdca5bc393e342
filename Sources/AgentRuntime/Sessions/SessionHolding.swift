/// The `Session` streams that an agent had of one session, since it told the supervisor of it.
package struct SessionStreams: Equatable, Sendable {
    /// How many there were, those that were open when the supervisor was told included.
    package var opened = 0
    /// How many of them have ended.
    package var ended = 0

    /// Makes the counts of a session that had no stream.
    package init() {}
}

/// The way in which a supervisor says that a session exists, and when it ends.
package protocol SessionHolding: Sendable {
    /// Holds on to a session until it ends.
    ///
    /// - Parameters:
    ///   - sessionID: The session.
    ///   - updates: Each element renews the session's lease, unless more streams have ended than the one before it
    ///     said.
    ///   - onHeld: Called once, when it is known that the session exists.
    /// - Throws: NOT_FOUND where it does not exist, UNAVAILABLE where the supervisor cannot be asked, or is gone; returns
    ///   when the session has ended.
    func hold(
        _ sessionID: String, updates: AsyncStream<SessionStreams>,
        onHeld: @escaping @Sendable () -> Void
    ) async throws
}
