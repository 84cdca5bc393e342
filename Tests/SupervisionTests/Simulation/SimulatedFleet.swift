import AgentManifest
import Supervision

/// A fleet in a world of its own: state machines, sessions, processes, and a clock that jumps from one
/// thing to the next.
///
/// The same seed and the same stimuli lead to the same life. A process's conduct depends on its agent
/// and generation alone, so leaving a stimulus out changes little else.
struct SimulatedFleet {
    static let agentCount = 4
    static let sessionCount = 4
    static let start = Instant(nanoseconds: 1_000_000_000_000)

    private(set) var now = start
    /// How many events have been handled.
    private(set) var eventCount = 0
    /// What happened, if it is written down.
    private(set) var trace: [String]?

    private let seed: UInt64
    private let lastStimulusAt: Instant
    private let ids: [AgentID]
    private let sessionIDs: [SessionID]
    private var agents: [SimulatedAgent] = []
    private var sessions = SimulatedSessions()
    private var timeline = Timeline<Happening>()
    /// Counts the supervisors: what one had planned is nothing to the next.
    private var incarnation = 0
    private var stalledUntil = start
    /// The deadlines that timers are armed for.
    private var armed: [Instant?] = []
    private var armedExpiry: Instant?

    private enum Happening {
        case stimulus(Deed)
        case news(agent: Int, AgentEvent, incarnation: Int)
        case timer(agent: Int, deadline: Instant, incarnation: Int)
        case expiry(Instant, incarnation: Int)
        case callEnds(agent: Int, session: Int?, incarnation: Int)
    }

    init(seed: UInt64, stimuli: [Stimulus], traced: Bool = false) {
        self.seed = seed
        trace = traced ? [] : nil
        lastStimulusAt = stimuli.last?.at ?? Self.start
        ids = (0..<Self.agentCount).compactMap { AgentID(rawValue: "agent_\($0)") }
        sessionIDs = (0..<Self.sessionCount).compactMap { SessionID(rawValue: "session-\($0)") }
        for stimulus in stimuli { timeline.plan(.stimulus(stimulus.deed), at: stimulus.at) }
        armed = Array(repeating: nil, count: Self.agentCount)
        makeAgents()
    }

    /// Lives through all stimuli, and then through the calm after them.
    ///
    /// - Returns: The first rule that was broken; `nil` if none was.
    mutating func run() -> BrokenRule? {
        do throws(BrokenRule) {
            try updateNeeds()
            try live(until: lastStimulusAt)
            try live(until: stalledUntil)
            try calmDown()
            return nil
        } catch {
            return error
        }
    }

    /// Whatever happened: in fair weather all that is needed comes to serve, what is not needed goes,
    /// and a stopped fleet is still.
    private mutating func calmDown() throws(BrokenRule) {
        note { _ in "it calms down" }
        for index in agents.indices {
            try perform(.weather(agent: index, .fair))
            try perform(.hang(agent: index, false))
            for event in [AgentEvent.detach, .unhold, .start] {
                try perform(.tell(agent: index, event))
            }
        }
        // The longest lease, and the minute after it.
        try live(until: now.advanced(by: .seconds(20 * 60)))
        for agent in agents {
            try BrokenRule.unless(
                agent.isAlwaysOn
                    ? agent.machine.state.acceptsCalls : agent.machine.state == .stopped,
                "in the end what always runs serves, and the rest has gone",
                "\(agent.machine.state)")
        }
        for index in agents.indices { try perform(.tell(agent: index, .stop)) }
        try live(until: now.advanced(by: .seconds(120)))
        try BrokenRule.unless(
            agents.allSatisfy { $0.machine.state == .stopped && $0.process == nil },
            "all that is told to stop does")
        try BrokenRule.unless(timeline.nextAt == nil, "a stopped fleet is still")
    }

    private mutating func live(until end: Instant) throws(BrokenRule) {
        while let next = timeline.nextAt, next <= end {
            if next > now {
                try checkInstant()
                now = next
            }
            guard let happening = timeline.removeNext() else { break }
            try happen(happening)
        }
        try checkInstant()
        now = max(now, end)
    }

    private func checkInstant() throws(BrokenRule) {
        guard now >= stalledUntil else { return }
        for agent in agents { try agent.checkInstant(now) }
        try sessions.checkInstant(now)
    }

    private mutating func happen(_ happening: Happening) throws(BrokenRule) {
        if case .stimulus(let deed) = happening, !deed.needsSupervisor || now >= stalledUntil {
            return try perform(deed)
        }
        // What comes while it is stalled waits, in order.
        guard now >= stalledUntil else { return timeline.plan(happening, at: stalledUntil) }
        switch happening {
        case .stimulus: break
        case .news(let agent, let event, incarnation): try tell(agent, event)
        case .timer(let agent, let deadline, incarnation) where armed[agent] == deadline:
            armed[agent] = nil
            try tell(agent, .timeReached)
        case .expiry(let instant, incarnation) where armedExpiry == instant:
            armedExpiry = nil
            eventCount += 1
            try sessions.expire(at: now)
            try updateNeeds()
        case .callEnds(let agent, let session, incarnation):
            if let session { sessions.endCall(of: sessionIDs[session], at: now) }
            agents[agent].activeCalls -= 1
            try updateNeeds()
        case .news, .timer, .expiry, .callEnds: break
        }
    }

    private mutating func note(_ text: (Self) -> String) {
        guard trace != nil else { return }
        let line = "\(Self.start.duration(to: now) / .seconds(1)) s: \(text(self))"
        trace?.append(line)
    }
}

// MARK: - The supervisor's part

extension SimulatedFleet {
    private mutating func makeAgents() {
        agents = ids.indices.map { index in
            var manifest = AgentManifest(id: ids[index], executable: "/bin/agent", port: 1)
            manifest.start = index < 2 ? .connection : .demand
            let policy = AgentPolicy(manifest, idleTimeout: .seconds(60))
            var random = SplitMix64(seed: seed, UInt64(index), UInt64(incarnation))
            var agent = SimulatedAgent(policy: policy, seed: random.next(), at: now)
            if index < agents.count { agent.weather = agents[index].weather }
            return agent
        }
    }

    /// Lets something happen to an agent, and arms its timer anew.
    private mutating func tell(_ index: Int, _ event: AgentEvent) throws(BrokenRule) {
        eventCount += 1
        let before = agents[index].machine.state
        let news: [SimulatedProcess.News]
        do {
            news = try agents[index].handle(event, at: now)
        } catch {
            note { "agent \(index) with \(event): \($0.agents[index].machine)" }
            throw error
        }
        let after = agents[index].machine.state
        if after != before { note { _ in "agent \(index) with \(event): \(after)" } }
        plan(news, of: index)
        let deadline = agents[index].machine.nextDeadline
        guard deadline != armed[index] else { return }
        armed[index] = deadline
        if let deadline {
            timeline.plan(
                .timer(agent: index, deadline: deadline, incarnation: incarnation),
                at: max(deadline, now))
        }
    }

    private mutating func plan(_ news: [SimulatedProcess.News], of index: Int) {
        for (instant, event) in news {
            timeline.plan(.news(agent: index, event, incarnation: incarnation), at: instant)
        }
    }

    private mutating func updateNeeds() throws(BrokenRule) {
        for index in agents.indices {
            let agent = agents[index]
            let isNeeded =
                agent.isAlwaysOn || agent.activeCalls > 0 || sessions.needs(ids[index])
            guard isNeeded != agent.isNeeded else { continue }
            agents[index].isNeeded = isNeeded
            try tell(index, isNeeded ? .needed : .released)
        }
        let expiry = sessions.nextExpiry
        guard expiry != armedExpiry else { return }
        armedExpiry = expiry
        if let expiry { timeline.plan(.expiry(expiry, incarnation: incarnation), at: expiry) }
    }
}

// MARK: - What is done to it

extension SimulatedFleet {
    private mutating func perform(_ deed: Deed) throws(BrokenRule) {
        note { _ in "\(deed)" }
        switch deed {
        case .tell(let index, let event):
            agents[index].undisturbedSince = awakeAt
            try tell(index, event)
        case .staleNews(let index, let kind, let generationsAgo):
            agents[index].undisturbedSince = awakeAt
            let number = agents[index].machine.generation.number
            guard number >= generationsAgo, kind != .exited || generationsAgo > 0 else { break }
            try tell(index, kind.event(of: Generation(number - generationsAgo)))
        case .weather(let index, let weather):
            agents[index].undisturbedSince = awakeAt
            agents[index].weather = weather
        case .reconfigure(let index, let grace, let threshold):
            agents[index].undisturbedSince = awakeAt
            agents[index].policy.gracePeriod = grace
            agents[index].policy.probes.threshold = threshold
            try tell(index, .reconfigure)
        case .signal(let index, let signal):
            agents[index].undisturbedSince = awakeAt
            plan(agents[index].signal(signal, at: now), of: index)
        case .hang(let index, let isHung):
            agents[index].undisturbedSince = awakeAt
            agents[index].setHung(isHung, at: now)
        case .use(let index, let duration):
            let generation = agents[index].machine.generation
            for second in 0..<Int(duration / .seconds(1)) {
                plan([(now.advanced(by: .seconds(second)), .used(generation))], of: index)
            }
        case .call(let index, let session, let duration):
            try beginCall(to: index, session: session, lasting: duration)
        case .startSession(let session, let client):
            try sessions.start(sessionIDs[session], client: "client-\(client)", at: now)
            try updateNeeds()
        case .endSession(let session):
            try sessions.end(sessionIDs[session])
            try updateNeeds()
        case .openStream(let session):
            try sessions.openStream(of: sessionIDs[session], at: now)
            try updateNeeds()
        case .closeStream(let session):
            sessions.closeStream(of: sessionIDs[session], at: now)
            try updateNeeds()
        case .stall(let duration): stall(for: duration)
        case .supervisorDies: try replaceSupervisor()
        }
    }

    /// When what happens now is dealt with.
    private var awakeAt: Instant { max(now, stalledUntil) }

    private mutating func beginCall(
        to index: Int, session: Int?, lasting duration: Duration
    ) throws(BrokenRule) {
        if let session {
            let isThere = try sessions.beginCall(
                to: ids[index], of: sessionIDs[session], at: now)
            guard isThere else { return }
        }
        agents[index].activeCalls += 1
        timeline.plan(
            .callEnds(agent: index, session: session, incarnation: incarnation),
            at: now.advanced(by: duration))
        try updateNeeds()
    }

    private mutating func stall(for duration: Duration) {
        stalledUntil = max(stalledUntil, now.advanced(by: duration))
        for index in agents.indices { agents[index].undisturbedSince = awakeAt }
    }

    private mutating func replaceSupervisor() throws(BrokenRule) {
        incarnation += 1
        stalledUntil = now
        armed = Array(repeating: nil, count: agents.count)
        armedExpiry = nil
        makeAgents()
        sessions.resume(at: now)
        try updateNeeds()
    }
}

extension Deed.Staleness {
    fileprivate func event(of generation: Generation) -> AgentEvent {
        switch self {
        case .ready: .ready(generation)
        case .passed: .probeSucceeded(generation)
        case .failed: .probeFailed(generation, .unanswered("stale"))
        case .used: .used(generation)
        case .exited: .exited(generation, .unknown)
        case .timeReached: .timeReached
        }
    }
}
