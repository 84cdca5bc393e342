package import AgentManifest
package import Supervision
private import Synchronization

/// The last transitions of all agents, numbered, with followers that wait for the next.
///
/// A follower pulls: nothing is queued for it, so a slow one costs no memory.
package final class EventLog: Sendable {
    /// How many transitions are kept.
    package static let capacity = 1_000

    /// A transition of an agent.
    package struct Entry: Sendable, Equatable {
        /// Counts the transitions from 1.
        package let sequence: UInt64
        /// When it happened.
        package let at: Instant
        /// Whose it was.
        package let agent: AgentID
        /// What it was.
        package let transition: Transition
    }

    private struct State {
        var entries: [Entry] = []
        var lastSequence: UInt64 = 0
    }

    private let state = Mutex(State())
    private let followers = Followers()

    /// Makes an empty log.
    package init() {}

    /// Notes a transition, and wakes the followers.
    ///
    /// - Parameters:
    ///   - transition: What happened.
    ///   - agent: Whose it was.
    ///   - now: When.
    package func append(_ transition: Transition, of agent: AgentID, at now: Instant) {
        let sequence = state.withLock { state in
            state.lastSequence += 1
            state.entries.append(
                Entry(
                    sequence: state.lastSequence, at: now, agent: agent, transition: transition))
            // In batches, since each removal moves all the others.
            if state.entries.count >= 2 * Self.capacity {
                state.entries.removeFirst(state.entries.count - Self.capacity)
            }
            return state.lastSequence
        }
        followers.announce(sequence)
    }

    /// The kept transitions after a sequence number, and waits for one if there is none yet.
    ///
    /// - Parameter sequence: The last number that is known; 0 for all that are kept, as is a number
    ///   that was never given out here: the caller has it from an earlier supervisor.
    /// - Returns: At least one transition.
    /// - Throws: `CancellationError` when the task is cancelled while it waits.
    package func next(after sequence: UInt64) async throws(CancellationError) -> [Entry] {
        let sequence = state.withLock { sequence > $0.lastSequence ? 0 : sequence }
        return try await followers.next(after: sequence) { entries(after: sequence) }
    }

    /// The kept transitions after a sequence number.
    ///
    /// - Parameter sequence: The last number that is known; 0 for all that are kept.
    /// - Returns: The transitions, oldest first.
    package func entries(after sequence: UInt64) -> [Entry] {
        state.withLock { state in
            state.entries.suffix(Self.capacity).filter { $0.sequence > sequence }
        }
    }
}
