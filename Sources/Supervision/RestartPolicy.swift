/// When an agent that failed is started again.
package struct RestartPolicy: Equatable, Sendable {
    /// The delays between tries.
    package var backoff = Backoff()
    /// How long an agent must serve until its failures are forgotten; 60 s by default.
    package var steadyAfter: Duration = .seconds(60)
    /// The span in which failures are counted; 60 s by default.
    package var window: Duration = .seconds(60)
    /// How many failures in that span are not yet a crash loop; 5 by default.
    package var tolerance = 5

    /// Makes the default policy.
    package init() {}
}

/// The failures of one agent, as far as its restart policy wants to know them.
package struct RestartHistory: Equatable, Sendable {
    private var failures: [Instant] = []
    private var attempt = 0
    private var isSteady = false
    /// Whether it fails again and again; ends when it has served for as long as the policy says.
    package private(set) var isCrashLoop = false

    /// Makes a history without failures.
    package init() {}

    /// What to do after a failure.
    package enum Decision: Equatable, Sendable {
        /// Start again without delay.
        case immediately
        /// Start again after a delay.
        case after(Duration)
        /// Show it as degraded, and start again after a delay.
        case degraded(after: Duration)
    }

    /// Notes that the agent has served for as long as the policy says: its failures are forgotten.
    package mutating func noteSteady() {
        self = Self()
        isSteady = true
    }

    /// Notes a failure.
    ///
    /// - Parameters:
    ///   - now: When it failed.
    ///   - policy: The agent's policy.
    ///   - jitter: Where in the spread of the delay it falls, -1...1.
    /// - Returns: What to do.
    package mutating func noteFailure(
        at now: Instant, policy: RestartPolicy, jitter: Double
    ) -> Decision {
        failures.removeAll { $0.duration(to: now) >= policy.window }
        failures.append(now)
        // A crash loop needs no more than its beginning: what is kept stays bounded.
        failures = failures.suffix(policy.tolerance + 1)
        if isSteady {
            isSteady = false
            return .immediately
        }
        if isCrashLoop || failures.count > policy.tolerance {
            isCrashLoop = true
            return .degraded(after: policy.backoff.delay(attempt: .max, jitter: jitter))
        }
        defer { attempt += 1 }
        return .after(policy.backoff.delay(attempt: attempt, jitter: jitter))
    }
}
