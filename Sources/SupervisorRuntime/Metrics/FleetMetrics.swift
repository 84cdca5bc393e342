internal import AgentAPI
private import AgentManifest
internal import GRPCCore
internal import LinuxIO
internal import Supervision
private import SwiftProtobuf
private import Synchronization

/// Gathers the figures of a fleet: what its agents counted, and what only the supervisor knows.
struct FleetMetrics: Sendable {
    /// How long an agent may take to say its figures; one that is late is left out.
    private static let patience: Duration = .seconds(1)

    private let fleet: Fleet
    private let about: SupervisorFacts

    /// Prepares to gather.
    ///
    /// - Parameters:
    ///   - fleet: The agents.
    ///   - about: What is known of the supervisor itself.
    init(of fleet: Fleet, about: SupervisorFacts) {
        self.fleet = fleet
        self.about = about
    }

    /// Asks all agents at once and puts the answers together.
    ///
    /// - Returns: The figures, the agents in the order in which they start.
    func gather() async -> Op_Agents_V1_ReadMetricsResponse {
        let subjects = await fleet.metricsSubjects()
        let answers = await withTaskGroup(of: (Int, Answer).self) { group in
            for (index, subject) in subjects.enumerated() {
                guard let link = subject.link else { continue }
                group.addTask { (index, await ask(link, of: subject.agent)) }
            }
            var answers: [Int: Answer] = [:]
            for await (index, answer) in group { answers[index] = answer }
            return answers
        }
        var response = Op_Agents_V1_ReadMetricsResponse()
        response.agents = subjects.enumerated().map { index, subject in
            metrics(of: subject.agent, answers[index])
        }
        let strays = fleet.routedCalls.readings(of: "")
        if !strays.isEmpty { response.agents.append(.with { $0.countedBySupervisor = strays }) }
        response.fleet = await fleetMetrics()
        return response
    }

    // MARK: Agents

    private enum Answer: Sendable {
        case figures([Op_Agents_V1_OperationMetrics])
        case late
        /// It does not count.
        case nothing
    }

    private func ask(_ link: AgentLink, of agent: AgentSnapshot) async -> Answer {
        defer { link.release() }
        guard link.servesMetrics.load(ordering: .relaxed) else { return .nothing }
        var options = CallOptions.defaults
        options.timeout = Self.patience
        let id = agent.manifest.id.rawValue
        do {
            let answer = try await Op_Agents_V1_Metrics.Client(wrapping: link.client)
                .readMetrics(Op_Agents_V1_ReadMetricsRequest(), options: options)
            fleet.routedCalls.note(id, counts: true)
            return .figures(answer.agents.first?.boundedOperations ?? [])
        } catch let error as RPCError where error.code == .unimplemented {
            link.servesMetrics.store(false, ordering: .relaxed)
            fleet.routedCalls.note(id, counts: false)
            return .nothing
        } catch {
            return .late
        }
    }

    private func metrics(
        of agent: AgentSnapshot, _ answer: Answer?
    ) -> Op_Agents_V1_AgentMetrics {
        var metrics = Op_Agents_V1_AgentMetrics()
        metrics.agentID = agent.manifest.id.rawValue
        metrics.life = Op_Agents_V1_AgentLife(agent)
        switch answer {
        case .figures(let operations):
            metrics.operations = operations
            metrics.life.answered = true
        case .late: metrics.life.answered = false
        case .nothing, nil: break
        }
        metrics.countedBySupervisor = fleet.routedCalls.readings(of: metrics.agentID)
        return metrics
    }

    // MARK: The supervisor

    private func fleetMetrics() async -> Op_Agents_V1_FleetMetrics {
        var metrics = Op_Agents_V1_FleetMetrics()
        metrics.version = about.version
        metrics.startedAt = WallTimes(now: fleet.now).timestamp(of: about.startedAt)
        metrics.activeSessions = UInt32(clamping: await fleet.sessionCount)
        if let usage = ProcessUsage.read(of: about.pid) { metrics.process = .init(usage) }
        return metrics
    }
}

extension Fleet {
    /// An agent whose figures are wanted.
    struct MetricsSubject: Sendable {
        let agent: AgentSnapshot
        /// How to ask it, to be released then; nil where it answers no calls.
        let link: AgentLink?
    }

    /// The agents whose figures are wanted.
    func metricsSubjects() -> [MetricsSubject] {
        order.compactMap { agents[$0] }.map { agent in
            let link = agent.machine.state.acceptsCalls ? agent.connection() : nil
            link?.use()
            return MetricsSubject(agent: agent.snapshot, link: link)
        }
    }
}

extension Op_Agents_V1_AgentLife {
    fileprivate init(_ agent: AgentSnapshot) {
        self.init()
        isUp = agent.state.acceptsCalls
        onDemand = agent.manifest.start == .demand
        restarts = UInt64(clamping: agent.failureCount)
        if let duration = agent.startDuration {
            spawnToServingUs = UInt64(max(0, duration / .microseconds(1)))
        }
        if let usage = agent.pid.flatMap(ProcessUsage.read) { process = .init(usage) }
    }
}

extension Op_Agents_V1_ProcessMetrics {
    fileprivate init(_ usage: ProcessUsage) {
        self.init()
        residentBytes = usage.residentBytes
        cpuUs = usage.cpuMicroseconds
    }
}
