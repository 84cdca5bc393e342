internal import GRPCCore
private import Synchronization

/// The running calls of one conversation, by their correlation ids.
final class ConversationCalls: Sendable {
    private struct State {
        var calls: [String: RunningCall] = [:]
        var isDraining = false

        var isDrained: Bool { isDraining && calls.isEmpty }
    }

    private let state = Mutex(State())
    private let stream: RunningCall

    /// - Parameter stream: The conversation itself, ended when it is drained.
    init(of stream: RunningCall) {
        self.stream = stream
    }

    /// - Throws: What a call is refused with: no id or one that is taken, too many calls, a server that stops.
    func add(_ id: String, executor: (any TaskExecutor)?) throws(RPCError) -> RunningCall {
        guard !id.isEmpty else {
            throw RPCError(
                code: .invalidArgument,
                message: "cannot run a call without a correlation id: its answer could not be "
                    + "told from others; set correlation_id")
        }
        return try state.withLock { (state) throws(RPCError) -> RunningCall in
            guard !state.isDraining else { throw .serverStops }
            guard state.calls[id] == nil else {
                throw RPCError(
                    code: .alreadyExists,
                    message: "cannot run a second call as \"\(id)\": the first still runs; "
                        + "choose another correlation id")
            }
            guard state.calls.count < SessionConversation.maxRunningCalls else {
                throw RPCError(
                    code: .resourceExhausted,
                    message: "cannot run more than \(SessionConversation.maxRunningCalls) calls "
                        + "at once on one stream; wait for some of them")
            }
            let call = RunningCall(executor: executor)
            state.calls[id] = call
            return call
        }
    }

    func remove(_ id: String) {
        let isDrained = state.withLock { state in
            state.calls[id] = nil
            return state.isDrained
        }
        if isDrained { stream.end(.serverStops) }
    }

    func cancel(_ id: String) {
        state.withLock { $0.calls[id] }?.end(
            RPCError(
                code: .cancelled,
                message: "cannot finish the call \"\(id)\": its client cancelled it"))
    }

    /// Refuses further calls, and ends the conversation with its last one.
    func drain() {
        let isDrained = state.withLock { state in
            state.isDraining = true
            return state.isDrained
        }
        if isDrained { stream.end(.serverStops) }
    }
}

extension RPCError {
    fileprivate static let serverStops = RPCError(
        code: .unavailable,
        message: "cannot go on with the conversation: this server stops; open it again")
}
