import AgentAPI
import Testing

@testable import op_agents

struct TopViewTests {
    private func view(_ order: TopOrder = .cpu) -> TopView {
        let memory = Fleet.agent(.serving) {
            $0.pid = 4121
            $0.residentBytes = 12_345_678
            $0.restarts = 2
        }
        let context = Fleet.agent(.serving, id: "context") {
            $0.pid = 77
            $0.residentBytes = 99_000_000
        }
        let agents = [
            AgentActivity(
                status: memory, cpu: 0.514, callsPerSecond: 12345.6, median: .microseconds(12),
                p99: .milliseconds(3)),
            AgentActivity(
                status: context, cpu: 0.02, callsPerSecond: 0, median: nil, p99: nil),
            AgentActivity(
                status: Fleet.agent(.stopped, id: "mem0", onDemand: true), cpu: 0,
                callsPerSecond: 0, median: nil, p99: nil),
        ]
        return TopView(status: Fleet.status(agents.map(\.status)), agents: agents, order: order)
    }

    @Test func agentsStandInATableThatIsSorted() {
        #expect(
            view().lines(.none) == [
                "2 serving, 0 down, 1 session, 12346 calls/s",
                "",
                "AGENT    STATE       PID  CPU%   MEMORY  CALLS/S    P50   P99  RESTARTS",
                "memory   serving    4121  51.4  12.3 MB    12346  12 us  3 ms         2",
                "context  serving      77   2.0  99.0 MB      0.0                      0",
                "mem0     on demand                           0.0                      0",
            ])
    }

    @Test(
        arguments: [
            (.name, ["context", "mem0", "memory"]), (.cpu, ["memory", "context", "mem0"]),
            (.memory, ["context", "memory", "mem0"]), (.calls, ["memory", "context", "mem0"]),
            (.latency, ["memory", "context", "mem0"]), (.restarts, ["memory", "context", "mem0"]),
        ] as [(TopOrder, [String])])
    func theLargestComesFirst(order: TopOrder, names: [String]) {
        let rows = view(order).lines(.none).dropFirst(3)
        #expect(rows.map { String($0.prefix { $0 != " " }) } == names)
    }

    @Test(
        arguments: [
            (71, "AGENT    STATE       PID  CPU%   MEMORY  CALLS/S    P50   P99  RESTARTS"),
            (70, "AGENT    STATE       PID  CPU%   MEMORY  CALLS/S    P50   P99"),
            (60, "AGENT    STATE       PID  CPU%   MEMORY  CALLS/S   P99"),
            (25, "AGENT    CPU%  CALLS/S"), (5, "AGENT    CALLS/S"),
        ])
    func columnsGoWhereThereIsNoRoom(columns: Int, heading: String) {
        #expect(view().lines(.none, size: (24, columns))[2] == heading)
    }

    @Test func agentsThatThereIsNoRoomForAreCounted() {
        let lines = view().lines(.none, size: (5, 80))
        #expect(lines.count == 5)
        #expect(lines.last == "and 2 more")
        #expect(view().lines(.none, size: (6, 80)).last?.hasPrefix("mem0") == true)
    }

    @Test func keysAreDifferent() {
        #expect(Set(TopOrder.allCases.map(\.key) + ["q"]).count == TopOrder.allCases.count + 1)
    }
}
