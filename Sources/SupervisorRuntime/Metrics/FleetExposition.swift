internal import AgentAPI
private import GRPCCore
private import SwiftProtobuf

/// The figures of a fleet as Prometheus reads them; every name begins with `op_agents_`.
struct FleetExposition {
    private let figures: Op_Agents_V1_ReadMetricsResponse
    private var output = PrometheusText()

    /// The text to answer a scrape with.
    ///
    /// - Parameter figures: Those of the fleet.
    /// - Returns: The text.
    static func text(_ figures: Op_Agents_V1_ReadMetricsResponse) -> String {
        var exposition = FleetExposition(figures: figures)
        exposition.addCalls()
        exposition.addAgents()
        exposition.addFleet()
        return exposition.output.text
    }

    private init(figures: Op_Agents_V1_ReadMetricsResponse) {
        self.figures = figures
    }

    // MARK: Calls

    private mutating func addCalls() {
        let counted = counted
        output.begin(
            "op_agents_requests_total", .counter, "Calls that are over, by their gRPC status.")
        for (operation, labels) in counted {
            // A counter that begins with its first call has no rate for that call.
            for (status, count) in operation.callsByStatus.merging([0: 0], uniquingKeysWith: +)
                .sorted(by: { $0.key < $1.key })
            {
                output.add(count, labels + [("status", Self.name(ofStatus: status))])
            }
        }
        output.begin(
            "op_agents_errors_total", .counter, "Calls that ended with another status than OK.")
        for (operation, labels) in counted {
            for (status, count) in operation.callsByStatus.sorted(by: { $0.key < $1.key })
            where status != 0 {
                output.add(count, labels + [("status", Self.name(ofStatus: status))])
            }
        }
        output.begin(
            "op_agents_request_duration_seconds", .histogram, "How long calls took, to their end.")
        for (operation, labels) in counted where operation.durations.count > 0 {
            output.addHistogram(
                bounds: operation.durations.upperBounds, counts: operation.durations.counts,
                sum: operation.durations.sum, labels)
        }
        output.begin(
            "op_agents_streaming_chunks_total", .counter, "Messages of streamed answers.")
        for (operation, labels) in counted where operation.streamedChunks > 0 {
            output.add(operation.streamedChunks, labels)
        }
    }

    /// All that was counted of calls, each with the labels of its samples.
    private var counted: [(Op_Agents_V1_OperationMetrics, [PrometheusText.Label])] {
        figures.agents.flatMap { agent in
            agent.operations.map { ($0, Self.labels(agent, $0, "agent")) }
                + agent.countedBySupervisor.map { ($0, Self.labels(agent, $0, "supervisor")) }
        }
    }

    private static func labels(
        _ agent: Op_Agents_V1_AgentMetrics, _ operation: Op_Agents_V1_OperationMetrics,
        _ counter: String
    ) -> [PrometheusText.Label] {
        [("agent", agent.agentID), ("operation", operation.operation), ("counted_by", counter)]
    }

    private static func name(ofStatus number: UInt32) -> String {
        guard number != 0 else { return "OK" }
        let code = Status.Code(rawValue: Int(number)).flatMap { RPCError.Code($0) }
        return (code ?? .unknown).statusName
    }

    // MARK: Agents

    private mutating func addAgents() {
        addGauge("op_agents_up", "Whether the agent answers calls.") { $0.isUp ? 1 : 0 }
        output.begin(
            "op_agents_agent_info", .gauge,
            "When the agent runs: always (connection), or while it is needed (demand).")
        for agent in agents {
            output.add(
                1,
                [
                    ("agent", agent.agentID),
                    ("start", agent.life.onDemand ? "demand" : "connection"),
                ]
            )
        }
        output.begin(
            "op_agents_restarts_total", .counter,
            "Unexpected ends of the agent's process, and starts that failed.")
        for agent in agents { output.add(agent.life.restarts, [("agent", agent.agentID)]) }
        addGauge("op_agents_spawn_to_serving_seconds", "How long the agent's last start took.") {
            $0.spawnToServingUs > 0 ? Double($0.spawnToServingUs) / 1e6 : nil
        }
        addGauge("op_agents_resident_memory_bytes", "Resident memory of the agent's process.") {
            $0.hasProcess ? Double($0.process.residentBytes) : nil
        }
        output.begin(
            "op_agents_cpu_seconds_total", .counter, "CPU time of the agent's process.")
        for agent in agents where agent.life.hasProcess {
            output.addMeasured(Double(agent.life.process.cpuUs) / 1e6, [("agent", agent.agentID)])
        }
        addGauge(
            "op_agents_scrape_success",
            "Whether the agent gave its figures in time; those that it keeps none of its own are left out."
        ) { $0.hasAnswered ? ($0.answered ? 1 : 0) : nil }
    }

    private var agents: [Op_Agents_V1_AgentMetrics] { figures.agents.filter(\.hasLife) }

    private mutating func addGauge(
        _ name: String, _ help: String, _ value: (Op_Agents_V1_AgentLife) -> Double?
    ) {
        output.begin(name, .gauge, help)
        for agent in agents {
            if let value = value(agent.life) {
                output.addMeasured(value, [("agent", agent.agentID)])
            }
        }
    }

    // MARK: The supervisor

    private mutating func addFleet() {
        let fleet = figures.fleet
        output.begin("op_agents_active_sessions", .gauge, "Open sessions.")
        output.add(UInt64(fleet.activeSessions))
        output.begin("op_agents_build_info", .gauge, "The version of op-supervisor.")
        output.add(1, [("version", fleet.version)])
        output.begin(
            "op_agents_supervisor_start_time_seconds", .gauge,
            "When the supervisor was started, since 1970.")
        output.addMeasured(Double(fleet.startedAt.seconds) + Double(fleet.startedAt.nanos) / 1e9)
        output.begin(
            "op_agents_supervisor_resident_memory_bytes", .gauge,
            "Resident memory of the supervisor's process.")
        output.add(fleet.process.residentBytes)
        output.begin(
            "op_agents_supervisor_cpu_seconds_total", .counter,
            "CPU time of the supervisor's process.")
        output.addMeasured(Double(fleet.process.cpuUs) / 1e6)
    }
}
