import AgentManifest

/// Decides what happens to one agent.
///
/// It is told what happened and when, and answers what to do; it does nothing itself and reads no
/// clock. Deadlines are part of its state: arm one timer for `nextDeadline` after each event, and
/// report `timeReached` when it fires, so no timer is ever stale.
package struct AgentStateMachine: Sendable {
    /// Where the agent is in its life.
    package private(set) var state: AgentState = .stopped
    /// The present or last instance.
    package private(set) var generation = Generation(0)
    /// Whether it was told to stop, and so waits for `start`.
    package private(set) var isHeld = false
    /// Why it last failed; `nil` if it never did.
    package private(set) var lastFailure: Failure?
    /// How often it failed.
    package private(set) var failureCount = 0
    /// How long its last successful start took.
    package private(set) var startDuration: Duration?

    /// What it goes by; what is under way already keeps its deadline.
    package var policy: AgentPolicy

    private var demand = Demand.none
    private var history = RestartHistory()
    private var probe = ProbeSchedule()
    private var startedAt = Instant(nanoseconds: 0)
    private var saidReady = false
    /// When the present instance has served long enough for its past to be forgotten.
    private var steadyAt: Instant?

    /// How soon an agent that said READY=1 but is not SERVING yet is asked again.
    private static let startProbeInterval: Duration = .milliseconds(20)
    /// The longest time between two probes of an agent that is run by hand: who runs it watches.
    private static let externalProbeInterval: Duration = .seconds(1)
    /// How long after one report of use the next may come: agents report every second.
    private static let useReportPatience: Duration = .seconds(2)

    /// Who needs the agent.
    private enum Demand: Equatable {
        case none
        case needed
        /// Nobody any more; it may go at that time.
        case released(until: Instant)
    }

    /// Makes the machine of an agent that is stopped.
    ///
    /// - Parameter policy: What it goes by.
    package init(policy: AgentPolicy) {
        self.policy = policy
    }

    /// The condition that the agent's listening socket should be in.
    package var listener: Listener {
        switch state {
        case .external, .degraded: .closed
        case .draining(let drain) where drain.next == .external: .closed
        case _ where isHeld: .closed
        case .stopped: .watched
        case .starting, .serving, .unhealthy, .draining, .backingOff: .open
        }
    }

    /// Whether the agent failed so often that it is retried at the longest delay only.
    package var isCrashLoop: Bool { history.isCrashLoop }

    /// When `timeReached` is due next; `nil` if the passing of time changes nothing.
    package var nextDeadline: Instant? {
        switch state {
        case .stopped: nil
        case .starting(let deadline): earliest(deadline, probe.next)
        case .serving: earliest(probe.next, steadyAt, idleDeadline)
        case .unhealthy: earliest(probe.next, idleDeadline)
        case .draining(let drain): drain.killAt
        case .backingOff(let until), .degraded(let until): until
        case .external: probe.next
        }
    }

    /// Takes an event.
    ///
    /// - Parameters:
    ///   - event: What happened.
    ///   - now: When.
    ///   - jitter: A random number in -1...1 that spreads a restart's delay.
    /// - Returns: What to do, in order.
    package mutating func handle(
        _ event: AgentEvent, at now: Instant, jitter: Double = 0
    ) -> [AgentAction] {
        let before = (state: state, listener: listener)
        var step = Step(now: now, jitter: jitter)
        noteSteadiness(at: now)
        apply(event, &step)
        if let next = probe.next, next <= now, isProbed { sendProbe(&step) }

        var actions = step.actions
        if listener != before.listener { actions.insert(.setListener(listener), at: 0) }
        if state != before.state, let cause = step.cause {
            actions.append(.report(Transition(from: before.state, to: state, cause: cause)))
        }
        return actions
    }

    /// What one event leads to.
    private struct Step {
        let now: Instant
        let jitter: Double
        var actions: [AgentAction] = []
        var cause: Transition.Cause?
    }

    private mutating func apply(_ event: AgentEvent, _ step: inout Step) {
        switch event {
        case .start: start(&step)
        case .stop: stop(&step)
        case .restart: restart(&step)
        case .reconfigure: reconfigure(&step)
        case .unhold: unhold(&step)
        case .needed:
            demand = .needed
            if state == .stopped, !isHeld { spawn(because: .needed, &step) }
        case .released: release(&step)
        case .connectionWaiting:
            guard state == .stopped, !isHeld else { return }
            keepWhileIdle(from: step.now)
            spawn(because: .connectionWaiting, &step)
        case .spawnFailed(let instance, let diagnosis):
            guard instance == generation, case .starting = state else { return }
            fail(.spawnFailed(diagnosis), &step)
        case .ready(let instance):
            guard instance == generation, case .starting = state else { return }
            saidReady = true
            if !probe.isWaiting { probe.plan(at: step.now) }
        case .probeSucceeded(let instance):
            guard instance == generation, isProbed, probe.noteAnswer(passed: true) else { return }
            probeSucceeded(&step)
        case .probeFailed(let instance, let reason):
            guard instance == generation, isProbed, probe.noteAnswer(passed: false) else { return }
            probeFailed(reason, &step)
        case .used(let instance):
            guard instance == generation else { return }
            used(&step)
        case .exited(let instance, let status):
            guard instance == generation, state.hasProcess else { return }
            exited(status, &step)
        case .timeReached: timeReached(&step)
        case .attach: attach(&step)
        case .detach: detach(&step)
        }
    }
}

// MARK: - What an operator wants

extension AgentStateMachine {
    private mutating func start(_ step: inout Step) {
        isHeld = false
        if demand != .needed { keepWhileIdle(from: step.now) }
        switch state {
        case .stopped, .backingOff, .degraded: spawn(because: .operatorStarted, &step)
        case .draining(var drain) where drain.next != .external:
            drain.next = .restart
            state = .draining(drain)
            step.cause = .operatorStarted
        case .starting, .serving, .unhealthy, .draining, .external: break
        }
    }

    private mutating func stop(_ step: inout Step) {
        isHeld = true
        switch state {
        case .starting, .serving, .unhealthy: drain(then: .stop, because: .operatorStopped, &step)
        case .draining(var drain):
            drain.next = .stop
            state = .draining(drain)
            step.cause = .operatorStopped
        case .backingOff, .degraded: move(to: .stopped, because: .operatorStopped, &step)
        case .stopped, .external: break
        }
    }

    private mutating func restart(_ step: inout Step) {
        guard state.hasProcess else {
            if state.kind != .external { start(&step) }
            return
        }
        isHeld = false
        if case .draining = state {
            start(&step)
        } else {
            drain(then: .restart, because: .operatorRestarted, &step)
        }
    }

    private mutating func reconfigure(_ step: inout Step) {
        switch state {
        case .starting, .serving, .unhealthy: drain(then: .restart, because: .reconfigured, &step)
        case .stopped, .draining, .backingOff, .degraded, .external: break
        }
    }

    private mutating func unhold(_ step: inout Step) {
        isHeld = false
        if state == .stopped, shouldRun(at: step.now) { spawn(because: .needed, &step) }
    }

    private mutating func attach(_ step: inout Step) {
        switch state {
        case .starting, .serving, .unhealthy: drain(then: .external, because: .attached, &step)
        case .draining(var drain):
            drain.next = .external
            state = .draining(drain)
            step.cause = .attached
        case .stopped, .backingOff, .degraded: becomeExternal(because: .attached, &step)
        case .external: break
        }
    }

    private mutating func detach(_ step: inout Step) {
        switch state {
        case .external:
            move(to: .stopped, because: .detached, &step)
            probe = ProbeSchedule()
            if shouldRun(at: step.now) { spawn(because: .detached, &step) }
        case .draining(var drain) where drain.next == .external:
            drain.next = .stop
            state = .draining(drain)
            step.cause = .detached
        case .stopped, .starting, .serving, .unhealthy, .draining, .backingOff, .degraded: break
        }
    }
}

// MARK: - What the instance does

extension AgentStateMachine {
    private mutating func probeSucceeded(_ step: inout Step) {
        probe.plan(at: step.now.advanced(by: probeInterval))
        switch state {
        case .starting:
            startDuration = startedAt.duration(to: step.now)
            steadyAt = step.now.advanced(by: policy.restart.steadyAfter)
            if case .released = demand { keepWhileIdle(from: step.now) }
            move(to: .serving(since: step.now), because: .passedProbe, &step)
        case .unhealthy(let since): move(to: .serving(since: since), because: .passedProbe, &step)
        case .external:
            move(to: .external(isServing: true), because: .probeOfExternal(passed: true), &step)
        case .serving, .stopped, .draining, .backingOff, .degraded: break
        }
    }

    private mutating func probeFailed(_ reason: ProbeFailure, _ step: inout Step) {
        switch state {
        case .starting: probe.plan(at: step.now.advanced(by: Self.startProbeInterval))
        case .serving(let since) where probe.failures >= policy.probes.threshold:
            probe.plan(at: step.now)
            move(
                to: .unhealthy(servingSince: since), because: .failed(.unhealthy(reason)), &step)
        case .serving: probe.plan(at: step.now.advanced(by: policy.probes.interval))
        case .unhealthy:
            let failure = Failure.unhealthy(reason)
            drain(then: .retry(failure), because: .failed(failure), &step)
        case .external:
            probe.plan(at: step.now.advanced(by: probeInterval))
            move(to: .external(isServing: false), because: .probeOfExternal(passed: false), &step)
        case .stopped, .draining, .backingOff, .degraded: break
        }
    }

    /// Keeps an agent that nobody needs, but whose own port is called.
    private mutating func used(_ step: inout Step) {
        guard case .released(let until) = demand, let idleTimeout = policy.idleTimeout else {
            return
        }
        switch state {
        case .serving, .unhealthy:
            let idleTime = max(idleTimeout, Self.useReportPatience)
            demand = .released(until: max(until, step.now.advanced(by: idleTime)))
        case .stopped, .starting, .draining, .backingOff, .degraded, .external: break
        }
    }

    private mutating func exited(_ status: ExitStatus, _ step: inout Step) {
        guard case .draining(let drain) = state else {
            fail(.exited(status), &step)
            return
        }
        switch drain.next {
        case .stop:
            move(to: .stopped, because: .ended(status), &step)
            if shouldRun(at: step.now) { spawn(because: .needed, &step) }
        case .restart: spawn(because: .ended(status), &step)
        case .retry(let failure): fail(failure, &step)
        case .external: becomeExternal(because: .ended(status), &step)
        }
    }

    private mutating func timeReached(_ step: inout Step) {
        let now = step.now
        switch state {
        case .starting(let deadline) where deadline <= now:
            let failure = Failure.startTimedOut(policy.startTimeout, saidReady: saidReady)
            drain(then: .retry(failure), because: .failed(failure), &step)
        case .serving, .unhealthy:
            if let idleDeadline, idleDeadline <= now {
                demand = .none
                drain(then: .stop, because: .idle, &step)
            }
        case .draining(var drain):
            guard let killAt = drain.killAt, killAt <= now else { return }
            drain.killAt = nil
            state = .draining(drain)
            step.actions.append(.kill(generation))
            step.cause = .graceOver
        case .backingOff(let until) where until <= now, .degraded(let until) where until <= now:
            if shouldRun(at: now) {
                spawn(because: .nextTry, &step)
            } else {
                demand = .none
                move(to: .stopped, because: .idle, &step)
            }
        case .stopped, .starting, .backingOff, .degraded, .external: break
        }
    }
}

// MARK: - Transitions

extension AgentStateMachine {
    private mutating func move(
        to next: AgentState, because cause: Transition.Cause, _ step: inout Step
    ) {
        state = next
        step.cause = cause
    }

    /// Forgets the past of an agent that served for long enough, even if the news of its end come
    /// together with the deadline.
    private mutating func noteSteadiness(at now: Instant) {
        guard case .serving = state, let steadyAt, steadyAt <= now else { return }
        self.steadyAt = nil
        history.noteSteady()
    }

    private mutating func spawn(because cause: Transition.Cause, _ step: inout Step) {
        generation = generation.next
        probe = ProbeSchedule()
        saidReady = false
        steadyAt = nil
        startedAt = step.now
        step.actions.append(.spawn(generation))
        let deadline = step.now.advanced(by: policy.startTimeout)
        move(to: .starting(deadline: deadline), because: cause, &step)
    }

    private mutating func drain(
        then next: AgentState.AfterDrain, because cause: Transition.Cause, _ step: inout Step
    ) {
        probe = ProbeSchedule()
        steadyAt = nil
        var killAt: Instant?
        if case .retry(let failure) = next, !failure.canDrain {
            step.actions.append(.kill(generation))
        } else {
            step.actions.append(.terminate(generation))
            killAt = step.now.advanced(by: policy.gracePeriod)
        }
        let drain = AgentState.Drain(next: next, killAt: killAt, since: step.now)
        move(to: .draining(drain), because: cause, &step)
    }

    private mutating func fail(_ failure: Failure, _ step: inout Step) {
        lastFailure = failure
        failureCount += 1
        let decision = history.noteFailure(
            at: step.now, policy: policy.restart, jitter: step.jitter)
        guard shouldRun(at: step.now) else {
            move(to: .stopped, because: .failed(failure), &step)
            return
        }
        switch decision {
        case .immediately: spawn(because: .failed(failure), &step)
        case .after(let delay):
            let until = step.now.advanced(by: delay)
            move(to: .backingOff(until: until), because: .failed(failure), &step)
        case .degraded(let delay):
            let until = step.now.advanced(by: delay)
            move(to: .degraded(until: until), because: .failed(failure), &step)
        }
    }

    private mutating func becomeExternal(because cause: Transition.Cause, _ step: inout Step) {
        // News of the last instance of ours is not news of the one that runs by hand.
        generation = generation.next
        probe = ProbeSchedule()
        probe.plan(at: step.now)
        move(to: .external(isServing: false), because: cause, &step)
    }

    private mutating func release(_ step: inout Step) {
        guard demand == .needed else { return }
        keepWhileIdle(from: step.now)
    }

    /// Lets the agent go some time after now, if it is one that does not always run.
    private mutating func keepWhileIdle(from now: Instant) {
        demand = policy.idleTimeout.map { .released(until: now.advanced(by: $0)) } ?? .needed
    }

    private mutating func sendProbe(_ step: inout Step) {
        probe.noteSent()
        let timeout =
            state.kind == .unhealthy ? policy.probes.busyTimeout : policy.probes.timeout
        step.actions.append(.probe(generation, timeout: timeout))
    }

    private var probeInterval: Duration {
        state.kind == .external
            ? min(policy.probes.interval, Self.externalProbeInterval) : policy.probes.interval
    }

    private var isProbed: Bool {
        switch state {
        case .starting, .serving, .unhealthy, .external: true
        case .stopped, .draining, .backingOff, .degraded: false
        }
    }

    private var idleDeadline: Instant? {
        guard case .released(let until) = demand else { return nil }
        return until
    }

    private func shouldRun(at now: Instant) -> Bool {
        guard !isHeld else { return false }
        return switch demand {
        case .none: false
        case .needed: true
        case .released(let until): now < until
        }
    }

    private func earliest(_ instants: Instant?...) -> Instant? {
        instants.compactMap { $0 }.min()
    }
}
