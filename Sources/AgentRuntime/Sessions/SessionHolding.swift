/// The way in which a supervisor says that a session exists, and when it ends.
package protocol SessionHolding: Sendable {
    /// Holds on to a session until it ends.
    ///
    /// - Parameters:
    ///   - sessionID: The session.
    ///   - renewals: Each element renews the session's lease.
    ///   - onHeld: Called once, when it is known that the session exists.
    /// - Throws: NOT_FOUND where it does not exist, UNAVAILABLE where the supervisor cannot be asked, or is gone; returns
    ///   when the session has ended.
    func hold(
        _ sessionID: String, renewals: AsyncStream<Void>, onHeld: @escaping @Sendable () -> Void
    ) async throws
}
