private import Synchronization

/// Ends the conversations of a server that stops, each with the last of its calls.
///
/// A client keeps its `Session` stream open for hours; without this each stop would wait for it until the grace is over.
package final class ConversationDrain: Sendable {
    private struct State {
        var conversations: [ObjectIdentifier: ConversationCalls] = [:]
        var hasBegun = false
    }

    private let state = Mutex(State())

    /// Creates a drain that has not begun.
    package init() {}

    /// Ends the idle conversations now, and the others when their last call is answered.
    package func begin() {
        let conversations = state.withLock { state in
            state.hasBegun = true
            return state.conversations.values
        }
        for conversation in conversations { conversation.drain() }
    }

    func add(_ conversation: ConversationCalls) {
        let hasBegun = state.withLock { state in
            state.conversations[ObjectIdentifier(conversation)] = conversation
            return state.hasBegun
        }
        if hasBegun { conversation.drain() }
    }

    func remove(_ conversation: ConversationCalls) {
        state.withLock { $0.conversations[ObjectIdentifier(conversation)] = nil }
    }
}
