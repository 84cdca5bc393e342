import CoreMetrics
import GRPCCore
import MetricsTestKit
import Testing

@testable import AgentClient

@Suite(.timeLimit(.minutes(1)))
struct ClientMetricsTests {
    private let backend = TestMetrics()
    private static let fleet = [
        AgentInfo.Place(id: "rust_pro", address: "127.0.0.1:50051"),
        AgentInfo.Place(id: "memory", address: "127.0.0.1:50052"),
    ]
    private let recall = AgentCall(agent: "memory", operation: "recall")

    private func client(
        agents: [AgentInfo.Place] = fleet, script: @escaping ScriptedDialer.Script = { _, _ in }
    ) throws -> GRPCAgentClient {
        try withMetricsFactory(backend) {
            try GRPCAgentClient(
                configuration: AgentClientConfiguration(),
                dialer: ScriptedDialer(agents: agents, script: script))
        }
    }

    /// What was counted, as `requests_total memory recall OK`.
    private var counted: [String: Int64] {
        Dictionary(
            uniqueKeysWithValues: backend.counters.map {
                (name($0.label, $0.dimensions), $0.totalValue)
            })
    }

    /// How many durations were recorded, as `memory recall`.
    private var timed: [String: Int] {
        Dictionary(
            uniqueKeysWithValues: backend.timers.map {
                (name($0.label, $0.dimensions), $0.values.count)
            })
    }

    private var activeSessions: Double? {
        backend.meters(
            label: "op_agents_active_sessions", dimensions: [ClientMetrics.countedBy]
        ).first?.lastValue
    }

    private func name(_ label: String, _ dimensions: [(String, String)]) -> String {
        let values = dimensions.filter { $0 != ClientMetrics.countedBy }.map(\.1)
        return ([String(label.dropFirst("op_agents_".count))] + values).joined(separator: " ")
    }

    // MARK: - Calls

    @Test func anAnswerIsCounted() async throws {
        let client = try client()
        _ = try await client.execute(recall)
        _ = try await client.execute(recall)
        #expect(counted == ["requests_total memory recall OK": 2])
        #expect(timed == ["request_duration_seconds memory recall": 2])
        let labels = try #require(backend.counters.first).dimensions.map(\.0)
        #expect(labels == ["agent", "operation", "counted_by", "status"])
    }

    @Test(
        arguments: [
            (RPCError.Code.cancelled, "CANCELLED"), (.unknown, "UNKNOWN"),
            (.invalidArgument, "INVALID_ARGUMENT"), (.deadlineExceeded, "DEADLINE_EXCEEDED"),
            (.notFound, "NOT_FOUND"), (.alreadyExists, "ALREADY_EXISTS"),
            (.permissionDenied, "PERMISSION_DENIED"), (.resourceExhausted, "RESOURCE_EXHAUSTED"),
            (.failedPrecondition, "FAILED_PRECONDITION"), (.aborted, "ABORTED"),
            (.outOfRange, "OUT_OF_RANGE"), (.unimplemented, "UNIMPLEMENTED"),
            (.internalError, "INTERNAL"), (.unavailable, "UNAVAILABLE"), (.dataLoss, "DATA_LOSS"),
            (.unauthenticated, "UNAUTHENTICATED"),
        ])
    func anErrorIsCountedByItsStatus(_ code: RPCError.Code, _ status: String) async throws {
        let client = try client { call, times throws(AgentCallError) in
            if call.detail == "remember", times > 1 { throw AgentCallError(code, "no") }
        }
        let remember = AgentCall(agent: "memory", operation: "remember")
        _ = try await client.execute(remember)
        await #expect(throws: AgentCallError.self) { try await client.execute(remember) }
        #expect(
            counted == [
                "requests_total memory remember OK": 1,
                "requests_total memory remember \(status)": 1,
                "errors_total memory remember \(status)": 1,
            ])
        #expect(timed == ["request_duration_seconds memory remember": 2])
    }

    @Test func retriesAreOneCall() async throws {
        let client = try client { _, times throws(AgentCallError) in
            if times < 3 { throw AgentCallError(.unavailable, "refused", wasSent: false) }
        }
        _ = try await client.execute(recall)
        #expect(counted == ["requests_total memory recall OK": 1])
    }

    @Test func callsOfAClosedClientAreCounted() async throws {
        let client = try client()
        _ = try await client.execute(recall)
        await client.close()
        await #expect(throws: AgentCallError.self) { try await client.execute(recall) }
        #expect(counted["errors_total memory recall FAILED_PRECONDITION"] == 1)
    }

    // MARK: - Bounded labels

    @Test func namesThatNobodyAnsweredToAreCountedTogether() async throws {
        let client = try client { call, _ throws(AgentCallError) in
            if call.rpc == "Execute" { throw AgentCallError(.unimplemented, "no such thing") }
        }
        _ = try await client.agents()
        for number in 0..<100 {
            for agent in ["memory", "agent\(number)"] {
                _ = try? await client.execute(
                    AgentCall(agent: agent, operation: "operation\(number)"))
            }
        }
        #expect(
            counted == [
                "requests_total memory other UNIMPLEMENTED": 100,
                "errors_total memory other UNIMPLEMENTED": 100,
                "requests_total  other UNIMPLEMENTED": 100,
                "errors_total  other UNIMPLEMENTED": 100,
            ])
    }

    @Test func anAgentThatAcceptsAnyNameHasNotAnyNumberOfSeries() async throws {
        let client = try client()
        let most = ClientMetrics.mostOperations
        for number in 0..<most + 10 {
            _ = try await client.execute(AgentCall(agent: "memory", operation: "\(number)"))
        }
        #expect(counted.count == most + 1)
        #expect(counted["requests_total memory other OK"] == 10)
    }

    @Test func anAliasIsCountedAsItsOperation() async throws {
        let client = try client()
        _ = try await client.execute(AgentCall(agent: "memory", operation: "alias of recall"))
        #expect(counted == ["requests_total memory recall OK": 1])
    }

    // MARK: - Streams

    @Test func aStreamIsOneCallOfManyChunks() async throws {
        let stream = try client().executeStream(AgentCall(agent: "rust_pro", operation: "build"))
        #expect(counted.isEmpty)
        for try await _ in stream {}
        #expect(
            counted == [
                "requests_total rust_pro build OK": 1, "streaming_chunks_total rust_pro build": 2,
            ])
        #expect(timed == ["request_duration_seconds rust_pro build": 1])
    }

    @Test func aStreamThatCannotStartIsCounted() async throws {
        let client = try client { _, _ throws(AgentCallError) in
            throw AgentCallError(.notFound, "no such agent")
        }
        await #expect(throws: AgentCallError.self) {
            for try await _ in client.executeStream(recall) {}
        }
        #expect(
            counted == ["requests_total  other NOT_FOUND": 1, "errors_total  other NOT_FOUND": 1])
    }

    @Test func aStreamThatIsLeftBeforeItsResultIsCancelled() async throws {
        try await read("endless output") { _ in true }
        #expect(counted["errors_total rust_pro endless output CANCELLED"] == 1)
        #expect(counted["requests_total rust_pro endless output CANCELLED"] == 1)
    }

    @Test func aStreamThatIsLeftWithItsResultWentWell() async throws {
        try await read("endless end") { if case .result = $0.kind { true } else { false } }
        #expect(
            counted == [
                "requests_total rust_pro endless end OK": 1,
                "streaming_chunks_total rust_pro endless end": 2,
            ])
    }

    /// Reads a stream until a chunk is enough, cancels it, and returns when it has ended.
    private func read(
        _ operation: String, until isEnough: @escaping @Sendable (AgentChunk) -> Bool
    ) async throws {
        let stream = try client().executeStream(
            AgentCall(agent: "rust_pro", operation: operation))
        let (enough, reached) = AsyncStream<Void>.makeStream()
        let reader = Task {
            for try await chunk in stream where isEnough(chunk) { reached.finish() }
        }
        for await _ in enough {}
        reader.cancel()
        await #expect(throws: AgentCallError.self) { try await reader.value }
    }

    // MARK: - Batches

    @Test func eachCallOfABatchIsCounted() async throws {
        let outcomes = try await client().batch([
            recall, AgentCall(agent: "memory", operation: "fail"), recall,
            AgentCall(agent: "rust_pro", operation: "say nothing"),
        ])
        #expect(outcomes.count == 4)
        #expect(
            counted == [
                "requests_total memory recall OK": 2,
                "requests_total memory other NOT_FOUND": 1,
                "errors_total memory other NOT_FOUND": 1,
                "requests_total  other INTERNAL": 1, "errors_total  other INTERNAL": 1,
            ])
        #expect(timed.values.reduce(0, +) == 4)
    }

    @Test func aBatchThatFailsIsAsManyCalls() async throws {
        let client = try client { call, _ throws(AgentCallError) in
            if call.rpc == "BatchExecute" { throw AgentCallError(.permissionDenied, "no") }
        }
        _ = try await client.execute(recall)
        await #expect(throws: AgentCallError.self) { try await client.batch([recall, recall]) }
        #expect(counted["requests_total memory recall PERMISSION_DENIED"] == 2)
        #expect(counted["errors_total memory recall PERMISSION_DENIED"] == 2)
    }

    // MARK: - Sessions

    @Test func sessionsAreCountedUntilTheyEnd() async throws {
        let client = try client()
        let first = try await client.startSession(id: "a", clientName: "test")
        _ = try await client.startSession(id: "b", clientName: "test")
        _ = try await client.startSession(id: "b", clientName: "test")
        #expect(activeSessions == 2)
        try await first.end()
        try await first.end()
        try await client.endSession("somebody else's")
        #expect(activeSessions == 1)
        await client.close()
        #expect(activeSessions == 0)
        #expect(counted.isEmpty)
    }

    @Test func aSessionThatCouldNotBeStartedIsNone() async throws {
        let client = try client { _, _ throws(AgentCallError) in
            throw AgentCallError(.permissionDenied, "no")
        }
        await #expect(throws: AgentCallError.self) {
            try await client.startSession(clientName: "test")
        }
        #expect(activeSessions == nil)
    }

    @Test func aSessionEndsThoughTheFleetCannotBeTold() async throws {
        let client = try client { call, _ throws(AgentCallError) in
            if call.rpc == "EndSession" { throw AgentCallError(.internalError, "no") }
        }
        await #expect(throws: AgentCallError.self) {
            try await client.withSession(clientName: "test") { _ in
                #expect(activeSessions == 1)
            }
        }
        #expect(activeSessions == 0)
    }

    // MARK: - Without a backend

    @Test func nothingIsKeptWithoutABackend() throws {
        #expect(ClientMetrics(factory: NOOPMetricsHandler.instance) == nil)
        let client = try GRPCAgentClient(
            configuration: AgentClientConfiguration(), dialer: ScriptedDialer())
        #expect(client.metrics == nil)
    }
}
