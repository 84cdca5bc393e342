internal import AgentAPI
public import GRPCCore

/// A call that could not be carried out.
///
/// A build that fails, a test that fails or a key that is not found is not one of these: it is an
/// ``AgentResult`` whose ``AgentResult/success`` is false.
public struct AgentCallError: Error, Sendable, Hashable {
    /// The gRPC status.
    public var code: RPCError.Code
    /// One sentence: what was tried, why it failed, and what to do.
    public var message: String
    /// False where the request never left this process, so that repeating it is safe whatever it does.
    public var wasSent: Bool

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - code: The gRPC status.
    ///   - message: One sentence: what was tried, why it failed, and what to do.
    ///   - wasSent: Whether the request may have reached an agent; true by default.
    public init(_ code: RPCError.Code, _ message: String, wasSent: Bool = true) {
        self.code = code
        self.message = message
        self.wasSent = wasSent
    }

    /// Whether no connection could be made: nobody was asked.
    public var isUnreachable: Bool { code == .unavailable && !wasSent }
}

extension AgentCallError: CustomStringConvertible {
    /// The message.
    public var description: String { message }
}

extension AgentCallError {
    /// An error that travelled inside a message, beside calls that succeeded.
    init(_ error: Op_Agents_V1_CallError) {
        let error = RPCError(error)
        self.init(error.code, error.message)
    }
}
