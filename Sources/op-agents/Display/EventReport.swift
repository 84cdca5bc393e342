import AgentAPI
import AgentClient
import FoundationEssentials
import SwiftProtobuf

/// A transition as `events --json` prints it, for programs.
///
/// Its keys are the fields of `WatchEventsResponse`.
struct EventReport: Encodable {
    var sequence: UInt64
    var at: Date
    var agentId: String
    var from: String
    var to: String
    var cause: String
    /// Absent where nothing follows by itself.
    var next: String?

    /// Takes over a transition.
    ///
    /// - Parameter event: The transition.
    init(_ event: Op_Supervisor_V1_WatchEventsResponse) {
        sequence = event.sequence
        at = Date(event.at)
        agentId = event.agentID
        from = AgentState(event.from).rawValue
        to = AgentState(event.to).rawValue
        cause = event.cause
        next = event.next.isEmpty ? nil : event.next
    }
}
