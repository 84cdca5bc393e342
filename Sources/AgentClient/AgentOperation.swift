internal import AgentAPI

/// One operation of an agent.
public struct AgentOperation: Sendable, Hashable {
    /// The operation's name.
    public var name: String
    /// Other names that it answers to.
    public var aliases: [String]
    /// One line: what it does.
    public var description: String
    /// Whether it shows its output while it runs, through ``GRPCAgentClient/executeStream(_:)``.
    public var isStreaming: Bool
    /// Whether it changes nothing, so that repeating it is safe.
    public var isReadOnly: Bool
    /// A JSON schema (draft 2020-12) of its arguments.
    public var argumentsSchema: String

    init(_ info: Op_Agents_V1_OperationInfo) {
        name = info.name
        aliases = info.aliases
        description = info.description_p
        isStreaming = info.streaming
        isReadOnly = info.readOnly
        argumentsSchema = info.argumentsSchemaJson
    }
}
