package import GRPCCore

/// Says which sessions exist, and ends the calls of a session that ends.
package protocol SessionValidating: Sendable {
    /// Counts a call among those of a session, and renews the session's lease.
    ///
    /// When the session ends, `RunningCall.end(_:)` is called with ``GRPCCore/RPCError/sessionEnded(_:)``.
    ///
    /// - Parameters:
    ///   - call: The call.
    ///   - sessionID: Its session.
    /// - Throws: NOT_FOUND where there is no such session; UNAVAILABLE where it cannot be known now.
    func register(_ call: RunningCall, in sessionID: String) async throws

    /// Forgets a call that is over.
    func unregister(_ call: RunningCall, from sessionID: String)

    /// Renews the lease of a session that has no call to do it with.
    ///
    /// - Throws: NOT_FOUND where there is no such session.
    func renew(_ sessionID: String) async throws

    /// A `Session` stream was opened: the session lives at least as long as it does.
    func conversationBegan(in sessionID: String)

    /// A `Session` stream closed.
    func conversationEnded(in sessionID: String)
}

extension SessionValidating {
    package func conversationBegan(in sessionID: String) {}
    package func conversationEnded(in sessionID: String) {}

    /// Runs a body as a call of a session.
    ///
    /// - Parameters:
    ///   - call: Runs the body.
    ///   - sessionID: The session; empty for a call outside any.
    ///   - timeLimit: See ``RunningCall/run(timeLimit:deadline:_:)``.
    ///   - deadline: See there.
    ///   - body: What the call does.
    /// - Returns: What the body returns.
    /// - Throws: What ``register(_:in:)`` or ``RunningCall/run(timeLimit:deadline:_:)`` throws.
    package func run<Success: Sendable>(
        _ call: RunningCall, in sessionID: String, timeLimit: Duration? = nil,
        deadline: ContinuousClock.Instant? = nil,
        _ body: @escaping @Sendable () async throws -> Success
    ) async throws -> Success {
        try await call.run(timeLimit: timeLimit, deadline: deadline) {
            if sessionID.isEmpty { return try await body() }
            try await register(call, in: sessionID)
            defer { unregister(call, from: sessionID) }
            return try await body()
        }
    }
}

extension RPCError {
    /// The session does not exist: NOT_FOUND.
    package static func unknownSession(_ id: String) -> RPCError {
        RPCError(
            code: .notFound,
            message: "cannot find the session \"\(id.prefix(SessionID.maxBytes))\": it was never "
                + "started here, or it has ended; start it with StartSession")
    }

    /// The session ended while the call ran: CANCELLED.
    package static func sessionEnded(_ id: String) -> RPCError {
        RPCError(
            code: .cancelled,
            message: "cannot finish the call: its session \"\(id)\" has ended; start another "
                + "with StartSession")
    }
}
