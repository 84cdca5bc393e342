import AgentManifest
import Testing

@testable import Supervision

struct PrewarmPolicyTests {
    private var policy = PrewarmPolicy()

    private mutating func learn(_ client: String, _ agents: Set<AgentID>, times: Int) throws {
        for _ in 0..<times {
            var session = Session(
                id: try #require(SessionID(rawValue: "s")), client: client, metadata: [:],
                at: Instant(nanoseconds: 0))
            session.usedAgents = agents
            policy.learn(from: session)
        }
    }

    @Test(arguments: [(9, false), (10, true), (20, true)])
    mutating func halfOfTheLastTwentySessionsDecide(uses: Int, isPrewarmed: Bool) throws {
        try learn("op-chat", [], times: 20 - uses)
        try learn("op-chat", ["mem0"], times: uses)
        #expect(policy.agents(for: "op-chat", configured: [:]) == (isPrewarmed ? ["mem0"] : []))
    }

    @Test mutating func olderSessionsAreForgotten() throws {
        try learn("op-chat", ["mem0"], times: 50)
        try learn("op-chat", ["debugger"], times: 11)
        #expect(policy.agents(for: "op-chat", configured: [:]) == ["debugger"])
    }

    @Test mutating func clientsAreLearnedApart() throws {
        try learn("op-chat", ["mem0"], times: 3)
        #expect(policy.agents(for: "op-web", configured: [:]).isEmpty)
    }

    @Test mutating func theConfigurationCountsBeforeExperience() throws {
        try learn("op-chat", ["mem0"], times: 3)
        #expect(
            policy.agents(for: "op-chat", configured: ["op-chat": ["debugger"]]) == ["debugger"])
        #expect(policy.agents(for: "op-chat", configured: ["op-chat": []]).isEmpty)
    }

    @Test mutating func namelessClientsTeachNothing() throws {
        try learn("", ["mem0"], times: 3)
        #expect(policy.agents(for: "", configured: [:]).isEmpty)
    }

    @Test mutating func theMemoryIsBounded() throws {
        for number in 0...PrewarmPolicy.capacity { try learn("c\(number)", ["mem0"], times: 1) }
        #expect(policy.agents(for: "c0", configured: [:]) == ["mem0"])
        #expect(policy.agents(for: "c\(PrewarmPolicy.capacity)", configured: [:]).isEmpty)
    }
}
