import AgentManifest
import Supervision

/// An agent of the simulation: the machine under test, the process that it believes in, and what the
/// written rules have to know of its past.
struct SimulatedAgent {
    private(set) var machine: AgentStateMachine
    private(set) var process: SimulatedProcess?
    /// What befalls the processes that start from now on, and whoever runs it by hand.
    var weather = Weather.fair
    /// Whether it was last told that it is needed.
    var isNeeded = false
    /// The calls that wait for it or run in it.
    var activeCalls = 0
    /// Since when all that happened to it was its own doing, and no process has misbehaved.
    var undisturbedSince: Instant
    /// When somebody last came to need it, needed it no more, or used it.
    private(set) var lastWanted: Instant
    /// When it last came to answer calls, or did not any more.
    private var availabilityChangedAt: Instant

    let isAlwaysOn: Bool
    private let seed: UInt64
    private var listener = Listener.watched
    private var restarts = RestartOracle()
    /// The probe that waits for its answer.
    private var awaited: Generation?

    init(policy: AgentPolicy, seed: UInt64, at now: Instant) {
        machine = AgentStateMachine(policy: policy)
        self.seed = seed
        isAlwaysOn = policy.idleTimeout == nil
        undisturbedSince = now
        lastWanted = now
        availabilityChangedAt = now
    }

    var policy: AgentPolicy {
        get { machine.policy }
        set { machine.policy = newValue }
    }

    /// Lets an event happen, and all that the runtime does at once because of it.
    ///
    /// - Returns: What will come of it.
    /// - Throws: The first rule that was broken.
    mutating func handle(
        _ first: AgentEvent, at now: Instant
    ) throws(BrokenRule) -> [SimulatedProcess.News] {
        var events = [first]
        var news: [SimulatedProcess.News] = []
        while let event = events.first {
            events.removeFirst()
            let before = machine
            restarts.note(before.state, at: now)
            let isUnasked = isUnaskedAnswer(event)
            learn(event, at: now)
            var random = SplitMix64(seed: seed, UInt64(machine.failureCount))
            let jitter = Double.random(in: -1...1, using: &random)
            let actions = machine.handle(event, at: now, jitter: jitter)
            try check(actions, before, event, at: now)
            // Whatever happens when a deadline has passed, what was due is done.
            if isUnasked, before.nextDeadline.map({ $0 > now }) ?? true {
                try BrokenRule.unless(
                    machine.state == before.state && actions.isEmpty
                        && machine.nextDeadline == before.nextDeadline,
                    "an answer that nobody waits for changes nothing")
            }
            for action in actions {
                switch action {
                case .setListener(let condition): listener = condition
                case .spawn(let generation):
                    events += spawn(generation, at: now, &news)
                case .terminate:
                    let grace = policy.gracePeriod
                    news += process?.terminate(at: now, grace: grace) ?? []
                case .kill: news += process?.kill(at: now) ?? []
                case .probe(let generation, let timeout):
                    awaited = generation
                    news += answer(to: generation, timeout, at: now)
                case .report: break
                }
            }
            try checkOutcome(since: before, event, at: now)
        }
        return news
    }

    /// A signal from outside; SIGKILL and the like.
    mutating func signal(_ signal: Int32, at now: Instant) -> [SimulatedProcess.News] {
        guard let process else { return [] }
        return [
            (now.advanced(by: .milliseconds(1)), .exited(process.generation, .signaled(signal)))
        ]
    }

    /// SIGSTOP, and what has the same effect; or SIGCONT.
    mutating func setHung(_ isHung: Bool, at now: Instant) {
        process?.hungAt = isHung ? now : nil
    }

    private mutating func spawn(
        _ generation: Generation, at now: Instant, _ news: inout [SimulatedProcess.News]
    ) -> [AgentEvent] {
        var random = SplitMix64(seed: seed, generation.number)
        let conduct = Conduct(in: weather, &random)
        awaited = nil
        var new = SimulatedProcess(generation: generation, conduct: conduct, startedAt: now)
        new.hungAt = conduct.hangsAfter.map { now.advanced(by: $0) }
        process = new
        guard conduct.spawns else {
            return [.spawnFailed(generation, diagnosis: "no such file")]
        }
        news += new.life
        return []
    }

    private func answer(
        to generation: Generation, _ timeout: Duration, at now: Instant
    ) -> [SimulatedProcess.News] {
        if let process, machine.state.hasProcess {
            return process.answer(at: now, timeout: timeout)
        }
        // Somebody runs it by hand.
        var random = SplitMix64(seed: seed, UInt64(now.nanoseconds))
        let passes = weather == .fair || random.oneIn(2)
        return [
            passes
                ? (now.advanced(by: .milliseconds(5)), .probeSucceeded(generation))
                : (now.advanced(by: timeout), .probeFailed(generation, .unanswered("refused")))
        ]
    }

    private func isUnaskedAnswer(_ event: AgentEvent) -> Bool {
        switch event {
        case .probeSucceeded(let generation), .probeFailed(let generation, _):
            generation != awaited
        default: false
        }
    }

    /// Takes what the event says of the process for true.
    private mutating func learn(_ event: AgentEvent, at now: Instant) {
        switch event {
        case .exited(process?.generation, _), .spawnFailed(process?.generation, _):
            if process?.conduct.isFair == false { undisturbedSince = now }
            process = nil
        case .probeSucceeded(awaited), .probeFailed(awaited, _): awaited = nil
        case .start, .needed: lastWanted = now
        case .connectionWaiting where machine.state == .stopped && !machine.isHeld:
            lastWanted = now
        case .released where isNeeded == false: lastWanted = now
        case .used(machine.generation) where [.serving, .unhealthy].contains(machine.state.kind):
            lastWanted = now
        default: break
        }
    }
}

// MARK: - The rules

extension SimulatedAgent {
    /// What the machine may ask for.
    private func check(
        _ actions: [AgentAction], _ before: AgentStateMachine, _ event: AgentEvent, at now: Instant
    ) throws(BrokenRule) {
        var reports = 0
        var listener = listener
        for action in actions {
            switch action {
            case .setListener(let condition):
                try BrokenRule.unless(condition != listener, "a listener that is set changes")
                listener = condition
            case .spawn(let generation):
                try BrokenRule.unless(process == nil, "there is one live child at most")
                try BrokenRule.unless(
                    generation == before.generation.next, "generations count instances")
                try BrokenRule.unless(!machine.isHeld, "what is held does not start")
                try BrokenRule.unless(listener == .open, "an instance has an open listener")
            case .terminate(let generation), .kill(let generation):
                try BrokenRule.unless(
                    process?.generation == generation, "only the live instance is signalled")
                try BrokenRule.unless(
                    machine.state.kind == .draining, "only what drains is signalled")
            case .probe(let generation, _):
                let isThere = machine.state.hasProcess == (process != nil)
                let isProbed = ![.draining, .stopped, .backingOff, .degraded]
                    .contains(machine.state.kind)
                try BrokenRule.unless(
                    generation == machine.generation && isThere && isProbed,
                    "no dead instance is probed")
                try BrokenRule.unless(awaited != generation, "one probe waits for its answer")
            case .report(let transition):
                reports += 1
                try BrokenRule.unless(
                    transition.from == before.state && transition.to == machine.state,
                    "a report is of what happened")
                try check(transition, at: now)
            }
        }
        try BrokenRule.unless(
            reports == (machine.state == before.state ? 0 : 1), "each transition is reported once")
    }

    private func check(_ transition: Transition, at now: Instant) throws(BrokenRule) {
        try BrokenRule.unless(
            LegalTransitions.contains(transition.from.kind, transition.to.kind),
            "only legal transitions happen", "\(transition.from) to \(transition.to)")
        guard transition.cause == .idle else { return }
        try BrokenRule.unless(!isNeeded, "what is needed does not go")
        try BrokenRule.unless(
            lastWanted.duration(to: now) >= .seconds(60), "nothing goes before it was idle for 60 s"
        )
    }

    /// What the machine may leave behind.
    private mutating func checkOutcome(
        since before: AgentStateMachine, _ event: AgentEvent, at now: Instant
    ) throws(BrokenRule) {
        let state = machine.state
        try BrokenRule.unless(state.hasProcess == (process != nil), "processes are known")
        try BrokenRule.unless(
            machine.generation.number >= before.generation.number, "generations grow")
        try BrokenRule.unless(
            listener == machine.listener && listener == properListener,
            "the listener fits the state",
            "it is \(listener)")
        if machine.failureCount > before.failureCount {
            try restarts.noteFailure(ledTo: state, at: now)
        }
        if event == .timeReached, let next = machine.nextDeadline {
            // A grace of no time is over at once.
            try BrokenRule.unless(next > now || state != before.state, "time makes progress")
        }
        if state.acceptsCalls != before.state.acceptsCalls { availabilityChangedAt = now }
        try BrokenRule.unless(isWaiting, "what is not stopped waits for something")
    }

    /// What the documentation says of ports.
    private var properListener: Listener {
        switch machine.state {
        case .external, .degraded: .closed
        case .draining(let drain) where drain.next == .external: .closed
        case .stopped: machine.isHeld ? .closed : .watched
        case .draining: machine.isHeld ? .closed : .open
        // Told to stop while somebody runs it by hand, it has no port either way.
        case .starting, .serving, .unhealthy, .backingOff: .open
        }
    }

    /// Whether something is bound to happen to it next.
    private var isWaiting: Bool {
        switch machine.state {
        case .stopped: machine.nextDeadline == nil
        case .starting, .backingOff, .degraded: machine.nextDeadline != nil
        case .serving, .unhealthy, .external:
            machine.nextDeadline != nil || awaited == machine.generation
        case .draining: machine.nextDeadline != nil || process?.isKilled == true
        }
    }

    /// What must hold whenever all that was due has happened.
    func checkInstant(_ now: Instant) throws(BrokenRule) {
        if let next = machine.nextDeadline {
            try BrokenRule.unless(next > now, "no deadline passes")
        }
        if let process, let (told, grace) = process.termination, !process.isKilled {
            try BrokenRule.unless(
                told.advanced(by: grace) > now, "SIGKILL follows SIGTERM after the grace")
        }
        if machine.state.kind == .external { return }
        let settled = max(undisturbedSince, lastWanted, availabilityChangedAt).duration(to: now)
        if isNeeded, !machine.isHeld, !machine.state.acceptsCalls, weather == .fair {
            try BrokenRule.unless(
                settled < Self.longestRecovery, "what is needed and can serve does",
                "\(machine.state)")
        }
        if !isNeeded, !isAlwaysOn, machine.state != .stopped {
            try BrokenRule.unless(
                settled < Self.longestIdleness, "what nobody needs goes", "\(machine.state)")
        }
        if machine.state.acceptsCalls, let hungAt = process?.hungAt {
            try BrokenRule.unless(
                max(hungAt, undisturbedSince).duration(to: now) < Self.longestHang,
                "what answers nothing is ended")
        }
    }

    /// It drains, and dies, then there are the longest backoff and a start; there may be an instance
    /// that does not come to serve before that.
    private static let longestRecovery: Duration =
        .seconds(10 + 10 + 30) + Conduct.longestDeath + Conduct.longestFairStart
    /// It may be found in the longest backoff and a start at the end of it, is idle for a minute, and
    /// drains.
    private static let longestIdleness: Duration =
        .seconds(30 + 10 + 60 + 10) + Conduct.longestDeath
    /// The last answer comes, for the second time, and then three probes fail, and the long one.
    private static let longestHang: Duration =
        Conduct.longestAnswer * 4 + .seconds(5 + 3 * (1 + 5) + 10)
}
