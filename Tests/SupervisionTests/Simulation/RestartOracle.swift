import Supervision

/// When an agent that failed may start again, worked out a second time in the plainest way.
///
/// The numbers are the promises of the documentation, not the product's constants.
struct RestartOracle {
    /// All failures since the agent last served for a minute.
    private var failures: [Instant] = []
    private var backoffs = 0
    private var isSteady = false
    private var isCrashLoop = false

    /// Takes note of the state that the agent is in as something happens.
    mutating func note(_ state: AgentState, at now: Instant) {
        guard case .serving(let since) = state, since.duration(to: now) >= .seconds(60) else {
            return
        }
        self = Self()
        isSteady = true
    }

    /// Takes note of a failure and of the state that it led to.
    mutating func noteFailure(ledTo state: AgentState, at now: Instant) throws(BrokenRule) {
        failures.append(now)
        let recent = failures.count { $0.duration(to: now) < .seconds(60) }
        if isSteady {
            isSteady = false
            try BrokenRule.unless(
                [.starting, .stopped].contains(state.kind),
                "the first restart after a healthy minute is immediate", "\(state)")
        } else if isCrashLoop || recent > 5 {
            isCrashLoop = true
            try expect(state, .degraded, after: .seconds(24) ... .seconds(30), now)
        } else {
            var middle = Duration.milliseconds(100)
            for _ in 0..<min(backoffs, 20) { middle = min(middle * 2, .seconds(30)) }
            backoffs += 1
            let range = middle * 0.8...min(middle * 1.2, .seconds(30))
            try expect(state, .backingOff, after: range, now)
        }
    }

    private func expect(
        _ state: AgentState, _ kind: AgentState.Kind, after range: ClosedRange<Duration>,
        _ now: Instant
    ) throws(BrokenRule) {
        switch state {
        case .backingOff(let until), .degraded(let until):
            let delay = now.duration(to: until)
            try BrokenRule.unless(
                state.kind == kind, "over 5 failures within 60 s are a crash loop, no fewer are",
                "\(state)")
            try BrokenRule.unless(
                range.contains(delay), "backoff keeps its bounds", "\(delay) is not in \(range)")
        default:
            // It may not be needed any more.
            try BrokenRule.unless(
                state.kind == .stopped, "a failure is not followed by a start at once", "\(state)")
        }
    }
}
