/// Where an agent is in its life.
package enum AgentState: Hashable, Sendable {
    /// No process, and none is due.
    case stopped
    /// Spawned; it must pass a health probe before the deadline.
    case starting(deadline: Instant)
    /// It passes its health probes.
    case serving(since: Instant)
    /// It failed as many probes as it may, and has one long probe left.
    case unhealthy(servingSince: Instant)
    /// It was told to end.
    case draining(Drain)
    /// Its process ended unexpectedly; the next one starts later.
    case backingOff(until: Instant)
    /// It fails again and again: retried at the longest delay, its port closed meanwhile.
    case degraded(until: Instant)
    /// Somebody runs it by hand: probed and shown, never signalled.
    case external(isServing: Bool)

    /// The end of an instance.
    package struct Drain: Hashable, Sendable {
        /// What follows when the process is gone.
        package var next: AfterDrain
        /// When its process group is killed; `nil` once that is done.
        package var killAt: Instant?
        /// When the draining began.
        package let since: Instant
    }

    /// What follows when a draining instance is gone.
    package enum AfterDrain: Hashable, Sendable {
        /// Nothing, unless it is needed again by then.
        case stop
        /// The next instance, at once.
        case restart
        /// What the restart policy says after a failure.
        case retry(Failure)
        /// Somebody runs it by hand.
        case external
    }

    /// A state without what belongs to it.
    package enum Kind: String, CaseIterable, Sendable {
        case stopped, starting, serving, unhealthy, draining
        case backingOff = "backing off"
        case degraded, external
    }

    /// The state without what belongs to it.
    package var kind: Kind {
        switch self {
        case .stopped: .stopped
        case .starting: .starting
        case .serving: .serving
        case .unhealthy: .unhealthy
        case .draining: .draining
        case .backingOff: .backingOff
        case .degraded: .degraded
        case .external: .external
        }
    }

    /// Whether an instance of ours has a process, which must be seen to end.
    package var hasProcess: Bool {
        switch self {
        case .starting, .serving, .unhealthy, .draining: true
        case .stopped, .backingOff, .degraded, .external: false
        }
    }

    /// Whether calls are answered.
    package var acceptsCalls: Bool {
        switch self {
        case .serving, .unhealthy, .external(isServing: true): true
        case .stopped, .starting, .draining, .backingOff, .degraded, .external: false
        }
    }
}
