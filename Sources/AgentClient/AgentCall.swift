internal import AgentAPI
internal import SwiftProtobuf

/// One call of one agent's operation.
public struct AgentCall: Sendable, Hashable {
    /// The agent: `memory`.
    public var agent: String
    /// The operation, by its name or an alias: `recall`.
    public var operation: String
    /// The arguments: the text of a JSON object, at most 4 MiB.
    public var arguments: String
    /// The session that the call belongs to; nil for a call outside any.
    public var sessionID: String?
    /// How long it may take; nil for the client's ``AgentClientConfiguration/requestTimeout``, or no
    /// limit where it streams.
    public var timeout: Duration?

    /// Creates a call.
    ///
    /// - Parameters:
    ///   - agent: The agent: `memory`.
    ///   - operation: The operation, by its name or an alias: `recall`.
    ///   - arguments: The text of a JSON object; `{}` by default.
    ///   - sessionID: The session that the call belongs to; none by default.
    ///   - timeout: How long it may take; the client's own limit by default.
    public init(
        agent: String, operation: String, arguments: String = "{}", sessionID: String? = nil,
        timeout: Duration? = nil
    ) {
        self.agent = agent
        self.operation = operation
        self.arguments = arguments
        self.sessionID = sessionID
        self.timeout = timeout
    }

    /// The request as it travels; the time limit is the RPC's own.
    var request: Op_Agents_V1_ExecuteRequest {
        .with {
            $0.sessionID = sessionID ?? ""
            $0.agentID = agent
            $0.operation = operation
            $0.argumentsJson = arguments
        }
    }
}
