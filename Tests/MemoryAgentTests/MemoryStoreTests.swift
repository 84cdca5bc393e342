import AgentRuntime
import Testing

@testable import MemoryAgent

struct MemoryStoreTests {
    let test: TestStore

    init() throws {
        test = try TestStore()
    }

    @Test func recallAnswersWhatWasRemembered() throws {
        let receipt = try test.remember("k", "v", tags: ["b", "a", "b"], ttl: 60)
        #expect(
            receipt
                == WriteReceipt(
                    key: "k", version: 1, wasOverwrite: false,
                    expiresAt: test.clock.now.advanced(bySeconds: 60)))
        #expect(
            try test.recall("k")
                == Entry(
                    key: "k", value: "v", tags: ["b", "a"], version: 1, createdAt: test.clock.now,
                    updatedAt: test.clock.now, accessedAt: nil,
                    expiresAt: test.clock.now.advanced(bySeconds: 60)))
        #expect(try test.recall("other") == nil)
    }

    @Test(arguments: [
        "", "\0", "a\0b", "line\nline\r\n", "🧠 日本語 é e\u{301}", "\u{FFFF}",
        String(repeating: "x", count: MemoryLimits.valueBytes),
    ])
    func valuesAreKeptToTheByte(value: String) throws {
        try test.remember("k", value)
        let kept = try #require(try test.recall("k"))
        #expect(Array(kept.value.utf8) == Array(value.utf8))
    }

    @Test func overwritingKeepsTheCreationAndCountsVersions() throws {
        let created = test.clock.now
        try test.remember("k", "1", tags: ["old"], ttl: 60)
        test.clock.advance(seconds: 1)
        let receipt = try test.remember("k", "2")
        #expect(receipt.version == 2)
        #expect(receipt.wasOverwrite)
        let entry = try #require(try test.recall("k"))
        #expect(entry.value == "2")
        #expect(entry.tags.isEmpty)
        #expect(entry.createdAt == created)
        #expect(entry.updatedAt == test.clock.now)
        #expect(entry.expiresAt == nil)
    }

    @Test func overwritingIsRefusedOnRequest() throws {
        try test.remember("k", "1", overwrite: false)
        #expect(code { try test.remember("k", "2", overwrite: false) } == .alreadyExists)
        #expect(try test.recall("k")?.value == "1")
    }

    @Test(arguments: [
        (0, 0, true), (0, 1, false), (1, 0, false), (1, 1, true), (2, 1, false), (2, 2, true),
        (2, 3, false), (2, UInt64.max, false),
    ])
    func aVersionIsComparedBeforeStoring(writes: Int, wanted: UInt64, isStored: Bool) throws {
        for _ in 0..<writes { try test.remember("k") }
        let refusal = code { try test.remember("k", "new", ifVersion: wanted) }
        #expect(refusal == (isStored ? nil : .aborted))
        #expect((try test.recall("k")?.value == "new") == isStored)
    }

    @Test func comparingAndStoringIsOneStep() async throws {
        let test = test
        try test.remember("counter", "0")
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    var counted = 0
                    while counted < 50 {
                        guard let entry = try? test.recall("counter"),
                            let count = Int(entry.value)
                        else { return }
                        let isStored = try? test.remember(
                            "counter", String(count + 1), ifVersion: entry.version)
                        counted += isStored == nil ? 0 : 1
                    }
                }
            }
        }
        #expect(try test.recall("counter")?.value == "200")
        #expect(try test.recall("counter")?.version == 201)
    }

    @Test func anEntryExpiresToTheMicrosecond() throws {
        try test.remember("k", ttl: 1)
        test.clock.advance(microseconds: 999_999)
        #expect(try test.recall("k") != nil)
        test.clock.advance(microseconds: 1)
        #expect(try test.recall("k") == nil)
        #expect(try test.store.list(ListQuery()).total == 0)
        #expect(try test.keys(found: "value") == [])
        #expect(try test.forget("k") == false)
    }

    @Test func anExpiredEntryCountsAsNone() throws {
        try test.remember("k", tags: ["old"], ttl: 1)
        _ = try test.recall("k")
        test.clock.advance(seconds: 1)
        let receipt = try test.remember("k", "new", overwrite: false, ifVersion: 0)
        #expect(!receipt.wasOverwrite)
        #expect(receipt.version == 2)
        let entry = try #require(try test.recall("k"))
        #expect(entry.createdAt == test.clock.now)
        #expect(entry.accessedAt == nil)
        #expect(try test.store.list(ListQuery(tag: "old")).total == 0)
    }

    @Test func forgettingSaysWhetherTheKeyExisted() throws {
        try test.remember("k")
        #expect(try test.forget("k"))
        #expect(try test.forget("k") == false)
        #expect(try test.recall("k") == nil)
    }

    @Test func versionsNeverGoBack() throws {
        for _ in 0..<3 { try test.remember("k") }
        try test.forget("k")
        #expect(try test.remember("k").version == 4)
        try test.forget("k")
        let reopened = try test.reopened()
        #expect(try reopened.remember("k", ttl: 1).version == 5)
        reopened.clock.advance(seconds: 1)
        try reopened.store.keepUp()
        #expect(try reopened.remember("k").version == 6)
        #expect(try reopened.remember("other").version == 1)
    }

    @Test func namespacesAreApart() throws {
        try test.remember("k", "one", in: "1")
        try test.remember("k", "two", in: "2")
        try test.remember("k", "standard")
        #expect(try test.recall("k", in: "1")?.value == "one")
        #expect(try test.recall("k", in: "default")?.value == "standard")
        try test.forget("k", in: "1")
        #expect(try test.recall("k", in: "1") == nil)
        #expect(try test.recall("k", in: "2")?.value == "two")
    }

    @Test func theRecallBeforeIsTold() throws {
        let first = test.clock.now
        try test.remember("k")
        #expect(try test.recall("k")?.accessedAt == nil)
        test.clock.advance(seconds: 1)
        #expect(try test.recall("k")?.accessedAt == first)
        try test.store.keepUp()
        #expect(try test.recall("k")?.accessedAt == first.advanced(bySeconds: 1))
        test.clock.advance(seconds: 1)
        _ = try test.recall("k")
        let reopened = try test.reopened()
        #expect(try reopened.recall("k")?.accessedAt == first.advanced(bySeconds: 2))
    }

    @Test(arguments: [true, false])
    func aRecallIsNotTakenForOneOfTheNextEntryInItsRow(isWrittenBetween: Bool) throws {
        try test.remember("old")
        _ = try test.recall("old")
        try test.forget("old")
        test.clock.advance(seconds: 1)
        try test.remember("new")
        if isWrittenBetween { try test.store.keepUp() }
        #expect(try test.recall("new")?.accessedAt == nil)
    }

    @Test func everythingAcknowledgedIsThereAfterAnUncleanEnd() throws {
        let directory = test.directory
        for number in 0..<100 { try test.remember("k\(number)", "v\(number)", tags: ["t"]) }
        let image = try TemporaryDirectory()
        // What the disk of a killed process shows: the files as they are, never closed.
        try image.copyContents(of: directory)
        let survivor = try TestStore(directory: image)
        #expect(survivor.store.database.damagedCopy == nil)
        for number in 0..<100 {
            #expect(try survivor.recall("k\(number)")?.value == "v\(number)")
        }
        #expect(try survivor.store.list(ListQuery(tag: "t")).total == 100)
        #expect(try survivor.keys(found: "v42") == ["k42"])
    }

    @Test func aClosedStoreIsUnavailable() throws {
        try test.store.close()
        #expect(code { try test.remember("k") } == .unavailable)
        #expect(code { try test.recall("k") } == .unavailable)
        #expect(code { try test.store.list(ListQuery()) } == .unavailable)
    }
}
