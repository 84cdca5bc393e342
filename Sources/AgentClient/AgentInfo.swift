internal import AgentAPI

/// One agent of the fleet, and where it listens.
public struct AgentInfo: Sendable, Hashable {
    /// The agent's name: `memory`.
    public var id: String
    /// Where the agent itself can be dialled: `127.0.0.1:50052` or `unix:/path`.
    public var address: String
    /// Where it is in its life.
    public var state: AgentState
    /// One line: what it is for.
    public var description: String
    /// Started by the first call, the first connection, or a session's prewarming.
    public var isOnDemand: Bool

    init(_ info: Op_Agents_V1_AgentInfo) {
        id = info.id
        address = info.address
        state = AgentState(info.state)
        description = info.description_p
        isOnDemand = info.onDemand
    }
}
