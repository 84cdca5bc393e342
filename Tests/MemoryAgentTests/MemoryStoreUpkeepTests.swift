import AgentRuntime
import Foundation
import GRDB
import Testing

@testable import MemoryAgent

struct MemoryStoreUpkeepTests {
    let test: TestStore

    init() throws {
        test = try TestStore()
    }

    private func count(_ table: String) throws -> Int? {
        try test.store.database.scan("count") { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table)")
        }
    }

    @Test func whatHasExpiredIsRemoved() throws {
        for number in 0..<300 { try test.remember("k\(number)", tags: ["t"], ttl: 1) }
        try test.remember("lasting", tags: ["t"], ttl: 2)
        test.clock.advance(seconds: 1)
        try test.store.keepUp()
        #expect(try count("entries") == 1)
        #expect(try count("entry_tags") == 1)
        #expect(try count("unindexed") == 0)
        #expect(try test.recall("lasting") != nil)
    }

    @Test func tombstonesAreBoundedAndVersionsStillGrow() throws {
        for number in 0..<10 {
            for _ in 0...number { try test.remember("k\(number)") }
            try test.forget("k\(number)")
        }
        for _ in 0..<3 { try test.remember("k", in: "other") }
        try test.forget("k", in: "other")
        // Of the default namespace k8 and k9 are still known, and all others had version 8 at most.
        try test.store.foldTombstones(beyond: 3)
        #expect(try count("tombstones") == 4)
        #expect(try test.remember("k9").version == 11)
        #expect(try test.remember("k0").version == 9)
        #expect(try test.remember("new").version == 9)
        #expect(try test.remember("k", in: "other").version == 4)
        #expect(try test.remember("new", in: "other").version == 1)
        try test.forget("k9")
        for number in 0..<3 {
            try test.remember("x\(number)")
            try test.forget("x\(number)")
        }
        try test.store.foldTombstones(beyond: 3)
        #expect(try test.remember("k9").version == 12)
        #expect(try test.remember("k0").version == 10)
    }

    @Test func theLogIsCopiedIntoTheDatabase() throws {
        let path = test.store.database.path
        for number in 0..<MemoryLimits.transactionsPerCheckpoint { try test.remember("k\(number)") }
        let before = try Data(contentsOf: URL(fileURLWithPath: path)).count
        try test.store.keepUp()
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count > before)
    }

    @Test(.timeLimit(.minutes(1)))
    func aRoundComesBySelfAndAFailureIsReportedOnce() async throws {
        let store = test.store
        try store.close()
        let (reports, continuation) = AsyncStream<OperationError>.makeStream()
        let upkeep = Task {
            await store.keepUp(every: .milliseconds(1)) { continuation.yield($0) }
            continuation.finish()
        }
        var codes: [OperationError.Code] = []
        for await report in reports {
            codes.append(report.code)
            upkeep.cancel()
        }
        #expect(codes == [.unavailable])
    }
}
