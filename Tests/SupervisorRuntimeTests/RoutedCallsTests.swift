import AgentAPI
import GRPCCore
import LinuxIO
import Testing

@testable import SupervisorRuntime

struct RoutedCallsTests {
    private let calls = RoutedCalls()

    init() {
        calls.keep(["memory", "words"])
    }

    private func count(
        _ agent: String, _ operation: String, _ status: Status.Code = .ok,
        by answerer: RoutedCalls.Answerer = .agent, chunks: Int = 0
    ) {
        calls.count(agent, operation, status, since: .now, chunks: chunks, by: answerer)
    }

    private func counted(_ agent: String) -> [String: [UInt32: UInt64]] {
        Dictionary(
            calls.readings(of: agent).map { ($0.operation, $0.callsByStatus) },
            uniquingKeysWith: { first, _ in first })
    }

    @Test func whatAnAgentCountsItselfIsNotCountedTwice() {
        count("memory", "recall")
        count("memory", "recall", .unavailable, by: .supervisor)
        #expect(counted("memory") == ["recall": [14: 1]])
        calls.note("memory", counts: false)
        #expect(counted("memory") == ["recall": [0: 1, 14: 1]])
    }

    @Test func anOperationHasANameOnceItWasAnsweredWithOK() {
        calls.note("words", counts: false)
        count("words", "count", .invalidArgument)
        count("words", "count")
        count("words", "count", .invalidArgument)
        #expect(counted("words") == ["other": [3: 1], "count": [0: 1, 3: 1]])
    }

    @Test func namesThatCallersInventAreOneName() {
        calls.note("words", counts: false)
        for number in 0..<1_000 { count("words", "operation-\(number)", .unimplemented) }
        #expect(counted("words") == ["other": [12: 1_000]])
    }

    @Test func namesThatAnAgentInventsEnd() {
        calls.note("words", counts: false)
        for number in 0..<1_000 { count("words", "operation-\(number)") }
        let counted = counted("words")
        #expect(counted.count <= RoutedCalls.mostOperations + 1)
        #expect(counted.values.reduce(0) { $0 + ($1[0] ?? 0) } == 1_000)
    }

    @Test func agentsThatDoNotExistAreOneName() {
        for number in 0..<1_000 { count("agent-\(number)", "say", .notFound, by: .supervisor) }
        #expect(counted("") == ["other": [5: 1_000]])
        #expect(counted("agent-1") == [:])
    }

    @Test func whatWasCountedOfAnAgentThatIsGoneIsForgotten() {
        count("memory", "recall", .unavailable, by: .supervisor)
        calls.keep(["words"])
        #expect(counted("memory") == [:])
        calls.keep(["words", "memory"])
        #expect(counted("memory") == [:])
    }

    @Test func chunksAreCounted() {
        calls.note("words", counts: false)
        count("words", "count", chunks: 3)
        #expect(calls.readings(of: "words").map(\.streamedChunks) == [3])
    }
}
