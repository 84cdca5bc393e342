internal import AgentAPI

/// An agent that holds a session, and the `Session` streams of it at the agent's own port.
struct SessionHold {
    /// The agent's call, which ends with the session.
    let call: RunningCall
    /// Whether streams are open there.
    private(set) var hasStreams = false
    private var opened: UInt32 = 0

    init(_ call: RunningCall) { self.call = call }

    /// What an update says that was not known.
    enum Change: Equatable {
        /// There is a stream now, and there was none.
        case opened
        /// There is none any more.
        case ended
        /// There was one meanwhile.
        case openedAndEnded
        /// There is one as before, or none.
        case unchanged
    }

    /// Takes the agent's counts.
    mutating func take(streamsOpened: UInt32, streamsEnded: UInt32) -> Change {
        let before = (hasStreams: hasStreams, opened: opened)
        opened = streamsOpened
        hasStreams = streamsOpened > streamsEnded
        switch (before.hasStreams, hasStreams) {
        case (false, true): return .opened
        case (true, false): return .ended
        case (false, false): return opened == before.opened ? .unchanged : .openedAndEnded
        case (true, true): return .unchanged
        }
    }
}
