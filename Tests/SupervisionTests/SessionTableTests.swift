import AgentManifest
import FoundationEssentials
import Testing

@testable import Supervision

struct SessionTableTests {
    private let policy = SessionPolicy(SessionSettings())
    private let id: SessionID
    private var table = SessionTable()

    init() throws { id = try #require(SessionID(rawValue: "chat-1")) }

    private func second(_ seconds: Int64) -> Instant {
        Instant(nanoseconds: seconds * 1_000_000_000)
    }

    @Test mutating func startingTwiceFindsTheSession() {
        #expect(table.start(id, client: "op-chat", metadata: ["a": "b"], at: second(1)) == .started)
        #expect(table.start(id, client: "other", metadata: [:], at: second(2)) == .found)
        #expect(table.count == 1)
        #expect(table[id]?.client == "op-chat")
        #expect(table[id]?.metadata == ["a": "b"])
        #expect(table[id]?.lastUsedAt == second(2))
    }

    @Test mutating func anEndedSessionIsToldFromAnUnknownOne() {
        #expect(table.end(id) == .unknown)
        _ = table.start(id, client: "", metadata: [:], at: second(1))
        guard case .ended(let session) = table.end(id) else {
            Issue.record("the session did not end")
            return
        }
        #expect(session.id == id)
        #expect(table.end(id) == .hadEnded)
        #expect(table.start(id, client: "", metadata: [:], at: second(2)) == .started)
    }

    @Test mutating func theLeaseIsFifteenMinutesWithoutACall() {
        _ = table.start(id, client: "", metadata: [:], at: second(0))
        #expect(table.nextExpiry(policy) == second(900))
        #expect(table.beginCall(to: "memory", of: id, at: second(800)) == true)
        #expect(table.nextExpiry(policy) == nil)
        #expect(table.expire(policy, at: second(5_000)).isEmpty)
        table.endCall(of: id, at: second(5_000))
        #expect(table.nextExpiry(policy) == second(5_900))
        #expect(table.expire(policy, at: second(5_899)).isEmpty)
        #expect(table.expire(policy, at: second(5_900)).map(\.id) == [id])
        #expect(table.end(id) == .hadEnded)
    }

    @Test mutating func theGraceBeginsWithTheEndOfTheLastStream() {
        _ = table.start(id, client: "", metadata: [:], at: second(0))
        #expect(table.openStream(of: id, at: second(1)) == true)
        #expect(table.openStream(of: id, at: second(2)) == true)
        table.closeStream(of: id, at: second(3))
        #expect(table.nextExpiry(policy) == second(902))
        table.closeStream(of: id, at: second(4))
        #expect(table.nextExpiry(policy) == second(34))
        #expect(table.openStream(of: id, at: second(30)) == true)
        #expect(table.nextExpiry(policy) == second(930))
        table.closeStream(of: id, at: second(40))
        table.closeStream(of: id, at: second(50))
        #expect(table.nextExpiry(policy) == second(70))
    }

    @Test mutating func aSessionDoesNotEndDuringACall() {
        _ = table.start(id, client: "", metadata: [:], at: second(0))
        _ = table.openStream(of: id, at: second(1))
        _ = table.beginCall(to: "memory", of: id, at: second(2))
        table.closeStream(of: id, at: second(10))
        // The grace alone would be over at 40.
        #expect(table.nextExpiry(policy) == nil)
        #expect(table.expire(policy, at: second(1_000)).isEmpty)
        table.endCall(of: id, at: second(1_000))
        #expect(table.nextExpiry(policy) == second(1_030))
        #expect(table.expire(policy, at: second(1_030)).map(\.id) == [id])
    }

    enum Use: CaseIterable { case start, renewal, call }

    @Test(arguments: Use.allCases)
    mutating func aSessionThatIsUsedInItsGraceHasItsLeaseAgain(use: Use) {
        _ = table.start(id, client: "", metadata: [:], at: second(0))
        _ = table.openStream(of: id, at: second(1))
        table.closeStream(of: id, at: second(10))
        #expect(table.nextExpiry(policy) == second(40))
        switch use {
        case .start:
            #expect(table.start(id, client: "", metadata: [:], at: second(20)) == .found)
        case .renewal:
            #expect(table.renew(id, at: second(20)) == true)
        case .call:
            #expect(table.beginCall(to: "memory", of: id, at: second(19)) == true)
            table.endCall(of: id, at: second(20))
        }
        #expect(table.expire(policy, at: second(40)).isEmpty)
        #expect(table.nextExpiry(policy) == second(920))
        // A stream that ends later begins a grace of its own.
        _ = table.openStream(of: id, at: second(30))
        table.closeStream(of: id, at: second(50))
        #expect(table.nextExpiry(policy) == second(80))
    }

    @Test mutating func agentsAreNeededAsLongAsASessionKeepsThem() {
        _ = table.start(id, client: "", metadata: [:], at: second(0))
        table.keep(["mem0"], for: id)
        #expect(table.beginCall(to: "debugger", of: id, at: second(1)) == true)
        table.endCall(of: id, at: second(2))
        #expect(table.needs("mem0"))
        #expect(table.needs("debugger"))
        #expect(table[id]?.usedAgents == ["debugger"])
        _ = table.end(id)
        #expect(!table.needs("mem0"))
    }

    @Test mutating func newsOfAnUnknownSessionChangesNothing() {
        #expect(table.beginCall(to: "memory", of: id, at: second(1)) == false)
        #expect(table.renew(id, at: second(1)) == false)
        #expect(table.openStream(of: id, at: second(1)) == false)
        table.endCall(of: id, at: second(1))
        table.closeStream(of: id, at: second(1))
        table.keep(["memory"], for: id)
        #expect(table == SessionTable())
    }

    @Test mutating func itSurvivesARestartWithoutItsStreamsAndCalls() throws {
        _ = table.start(id, client: "op-chat", metadata: ["a": "b"], at: second(0))
        _ = table.openStream(of: id, at: second(1))
        _ = table.beginCall(to: "memory", of: id, at: second(2))
        let sessions = try JSONDecoder().decode(
            [Session].self, from: try JSONEncoder().encode(table.sessions))
        #expect(sessions == table.sessions)
        let restored = SessionTable(resuming: sessions, at: second(10))
        #expect(restored[id]?.activeCalls == 0)
        #expect(restored[id]?.agents == ["memory"])
        #expect(restored.nextExpiry(policy) == second(40))
    }

    @Test mutating func aCallThatARestartCutShortCountsAsUse() {
        _ = table.start(id, client: "", metadata: [:], at: second(0))
        _ = table.beginCall(to: "memory", of: id, at: second(2))
        let restored = SessionTable(resuming: table.sessions, at: second(1_000))
        #expect(restored.nextExpiry(policy) == second(1_900))
    }

    @Test mutating func theTableIsBounded() throws {
        for number in 0..<SessionTable.capacity {
            let id = try #require(SessionID(rawValue: "s\(number)"))
            _ = table.start(id, client: "", metadata: [:], at: second(0))
        }
        #expect(table.start(id, client: "", metadata: [:], at: second(0)) == .full)
    }

    @Test(arguments: ["", "a b", "ä", "a/b", String(repeating: "x", count: 129)])
    func otherTextIsNoSessionID(text: String) {
        #expect(SessionID(rawValue: text) == nil)
    }
}
