internal import CoreMetrics
internal import LinuxIO
private import Synchronization

/// What a client counts of its calls and sessions, for the metrics backend of the program that it is part of.
///
/// A call counts once, with all its retries: what it counts as is what its caller saw.
///
/// Labels are bounded though callers write what they like: an agent has its name once the fleet has listed it or
/// it has answered, an operation once it was answered with OK or with a chunk.
final class ClientMetrics: Sendable {
    private typealias Operations = [String: OperationSeries]

    /// The most operations of one agent that are told apart: an agent may accept any name.
    static let mostOperations = 64
    /// The name of all other operations.
    static let otherOperation = "other"
    /// Tells these series from the fleet's own of the same names, where one Prometheus reads both.
    static let countedBy = ("counted_by", "client")

    private let factory: any MetricsFactory
    private let activeSessions: Meter
    private let sessions = Mutex<Set<String>>([])
    /// By agents, then by operations.
    ///
    /// Agents that are none have the empty name, which Prometheus takes for no label: backends insist on the
    /// same labels for all series of a name.
    private let series = Mutex<[String: Operations]>([:])

    /// Prepares counting; nil where the factory keeps nothing, so that a program without a backend pays for none.
    ///
    /// - Parameter factory: Makes the series.
    init?(factory: any MetricsFactory) {
        if factory is NOOPMetricsHandler { return nil }
        self.factory = factory
        activeSessions = Meter(
            label: "op_agents_active_sessions", dimensions: [Self.countedBy], factory: factory)
    }

    /// Takes note that there are such agents.
    func learn(_ agents: [AgentInfo]) {
        series.withLock { series in
            for agent in agents where series[agent.id] == nil { series[agent.id] = [:] }
        }
    }

    /// The series of an operation, or of all names that are none.
    ///
    /// - Parameters:
    ///   - operation: Its name: what the agent calls it where it has answered.
    ///   - agent: The agent, as the caller wrote it.
    ///   - isReal: Whether the agent has answered.
    /// - Returns: The series, the same for the same names.
    func series(of operation: String, of agent: String, isReal: Bool) -> OperationSeries {
        series.withLock { series in
            let agent = isReal || series[agent] != nil ? agent : ""
            let known = series[agent, default: [:]]
            let hasName = known[operation] != nil || (isReal && known.count < Self.mostOperations)
            let operation = hasName ? operation : Self.otherOperation
            if let found = known[operation] { return found }
            let new = OperationSeries(of: operation, of: agent, factory: factory)
            series[agent, default: [:]][operation] = new
            return new
        }
    }

    /// Counts a call that is over.
    ///
    /// - Parameters:
    ///   - call: The call.
    ///   - outcome: What became of it.
    ///   - start: When it began.
    func count(
        _ call: AgentCall, _ outcome: Result<AgentResult, AgentCallError>,
        since start: MonotonicInstant
    ) {
        switch outcome {
        case .success(let result):
            series(of: result.operation, of: call.agent, isReal: true).count(nil, since: start)
        case .failure(let error):
            series(of: call.operation, of: call.agent, isReal: false).count(
                error.code, since: start)
        }
    }
}

// MARK: - Sessions

extension ClientMetrics {
    /// Counts a session; one that was found again counts once.
    func sessionStarted(_ id: String) {
        if sessions.withLock({ $0.insert(id).inserted }) { activeSessions.increment() }
    }

    /// Counts a session no more, whether the fleet could be told or its lease ends it.
    func sessionEnded(_ id: String) {
        if sessions.withLock({ $0.remove(id) }) != nil { activeSessions.decrement() }
    }

    /// Counts no session of this client any more.
    func allSessionsEnded() {
        let ended = sessions.withLock { sessions in
            defer { sessions = [] }
            return sessions.count
        }
        // Other clients of the program count with the same series.
        if ended > 0 { activeSessions.decrement(by: Double(ended)) }
    }
}
