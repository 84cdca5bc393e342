/// Decides when a silent peer is asked for a sign of life, and when it is given up.
///
/// It knows no clock: each step says after which time the next one is due. Between two steps a count of
/// what was received is all that the connection keeps, so that a call costs nothing.
struct LivenessProbe {
    /// What the connection is to do.
    enum Step: Sendable, Hashable {
        /// Step again after this time.
        case wait(Duration)
        /// Send a PING, and step again after this time.
        case ping(Duration)
        /// Nothing, until a call begins.
        case rest
        /// The peer did not answer: close.
        case giveUp
    }

    private enum Phase {
        case resting
        /// So much time has passed, in whole steps, since something was received.
        case listening(silence: Duration)
        /// A PING is under way.
        case asking
    }

    private let settings: Keepalive
    private var phase = Phase.resting
    /// What had been received at the last step.
    private var received: UInt64 = 0
    /// The peer has answered a PING and, as far as is known, said nothing since.
    private var isQuiet = false

    init(_ settings: Keepalive) {
        self.settings = settings
    }

    /// Notes that a call begins.
    ///
    /// - Parameter received: How many times anything was received so far.
    /// - Returns: When to step, where no step is due.
    mutating func callDidBegin(received: UInt64) -> Duration? {
        isQuiet = false
        guard case .resting = phase else { return nil }
        return start(received: received)
    }

    /// Notes that the connection begins.
    ///
    /// - Returns: When to step; nil where nothing is to be watched before a call begins.
    mutating func connectionDidBegin() -> Duration? {
        settings.permitWithoutCalls ? start(received: 0) : nil
    }

    private mutating func start(received: UInt64) -> Duration {
        self.received = received
        phase = .listening(silence: .zero)
        return settings.time
    }

    /// Looks at what has happened since the last step.
    ///
    /// - Parameters:
    ///   - received: How many times anything was received so far.
    ///   - hasCalls: Whether a call is open.
    /// - Returns: What to do.
    mutating func step(received: UInt64, hasCalls: Bool) -> Step {
        let isAlive = received != self.received
        self.received = received
        switch phase {
        case .resting:
            return .rest
        case .asking:
            guard isAlive else { return .giveUp }
            isQuiet = true
            phase = .listening(silence: .zero)
            return .wait(settings.time)
        case .listening where isAlive:
            isQuiet = false
            phase = .listening(silence: .zero)
            return .wait(settings.time)
        case .listening(let silence):
            guard hasCalls || settings.permitWithoutCalls else {
                phase = .resting
                return .rest
            }
            let silence = silence + settings.time
            guard silence >= (isQuiet ? settings.quietTime : settings.time) else {
                phase = .listening(silence: silence)
                return .wait(settings.time)
            }
            phase = .asking
            return .ping(settings.timeout)
        }
    }
}
