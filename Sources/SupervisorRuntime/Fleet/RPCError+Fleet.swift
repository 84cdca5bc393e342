internal import AgentManifest
internal import GRPCCore
internal import Supervision

extension RPCError {
    /// The fleet has no agent of that name: NOT_FOUND.
    static func unknownAgent(_ name: String, known: some Sequence<AgentID>) -> RPCError {
        let names = known.map(\.rawValue).sorted().joined(separator: ", ")
        guard !name.isEmpty else {
            return RPCError(
                code: .invalidArgument,
                message: "cannot choose an agent: the request names none; set agent_id to one of "
                    + names)
        }
        return RPCError(
            code: .notFound,
            message: "cannot find the agent \"\(name.prefix(64))\": the agents here are \(names)")
    }

    /// The agent cannot be called now: UNAVAILABLE.
    static func unavailable(_ agent: AgentID, because reason: String) -> RPCError {
        RPCError(code: .unavailable, message: "cannot call \(agent): \(reason)")
    }

    /// The supervisor is going to end: UNAVAILABLE.
    static var stopping: RPCError {
        RPCError(
            code: .unavailable,
            message: "cannot begin anything: the supervisor stops; call again when it is back")
    }

    /// The caller no longer waits: CANCELLED.
    static var noLongerAwaited: RPCError {
        RPCError(code: .cancelled, message: "cannot wait for the agent: the caller cancelled it")
    }

    /// The agent is somebody's who runs it by hand: FAILED_PRECONDITION.
    static func runByHand(_ agent: AgentID, cannot action: String) -> RPCError {
        RPCError(
            code: .failedPrecondition,
            message: "cannot \(action) \(agent): it is run by hand; \(action) it there, or take it "
                + "back with op-agents detach \(agent)")
    }

    /// The agent did not come to serve: FAILED_PRECONDITION, with the last lines that it wrote.
    static func notStarted(
        _ agent: AgentID, _ reason: String, lines: [OutputLine] = []
    ) -> RPCError {
        var message = "cannot start \(agent): \(reason)"
        if !lines.isEmpty {
            message +=
                "; see op-agents logs \(agent)\nits last lines:\n"
                + lines.map { "  \($0.text)" }.joined(separator: "\n")
        }
        return RPCError(code: .failedPrecondition, message: message)
    }
}
