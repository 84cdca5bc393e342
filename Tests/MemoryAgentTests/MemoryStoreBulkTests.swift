import AgentRuntime
import Testing

@testable import MemoryAgent

struct MemoryStoreBulkTests {
    let test: TestStore

    init() throws {
        test = try TestStore()
    }

    private func element(
        _ key: String, _ value: String = "v", ifVersion: UInt64? = nil
    ) -> BulkElement<NewEntry> {
        .of { () throws(OperationError) in
            try NewEntry(EntryName(key), value: value, ifVersion: ifVersion)
        }
    }

    @Test func whatIsWrongWithOneElementLeavesTheOthers() throws {
        try test.remember("old")
        let outcome = try test.store.rememberAll([
            element("new"), element(""), element("old"), element("held", ifVersion: 7),
            element("new"),
        ])
        #expect(outcome.done == 3)
        #expect(outcome.overwritten == 2)
        #expect(outcome.errors.map(\.index) == [1, 3])
        #expect(outcome.errors.map(\.error.code) == [.invalidArgument, .aborted])
        #expect(try test.recall("new")?.version == 2)
        #expect(try test.recall("held") == nil)
    }

    @Test func anAtomicOneIsAllOrNothing() throws {
        let refused = try test.store.rememberAll(
            (0..<300).map { element("k\($0)") } + [element("held", ifVersion: 7), element("")],
            atomic: true)
        #expect(refused.done == 0)
        #expect(refused.overwritten == 0)
        #expect(refused.errors.map(\.index) == [300, 301])
        #expect(try test.store.list(ListQuery()).total == 0)
        let stored = try test.store.rememberAll((0..<300).map { element("k\($0)") }, atomic: true)
        #expect(stored == BulkOutcome(done: 300))
        #expect(try test.store.list(ListQuery()).total == 300)
    }

    @Test(arguments: [true, false])
    func tenThousandAreTakenAndNoMore(atomic: Bool) throws {
        let elements = (0..<10_001).map { element("k\($0)", "v\($0)") }
        #expect(
            code { try test.store.rememberAll(elements, atomic: atomic) } == .invalidArgument)
        let outcome = try test.store.rememberAll(elements.dropLast(), atomic: atomic)
        #expect(outcome == BulkOutcome(done: 10_000))
        #expect(try test.recall("k9999")?.value == "v9999")
        #expect(try test.store.list(ListQuery()).total == 10_000)
    }

    @Test func nothingIsDoneForNoElements() throws {
        #expect(try test.store.rememberAll([], atomic: true) == BulkOutcome())
        #expect(try test.store.forgetAll([]) == BulkOutcome())
        #expect(try test.store.recallAll([]) == [])
    }

    @Test func manyKeysAreForgotten() throws {
        for key in ["a", "b", "c"] { try test.remember(key) }
        let names = ["a", "", "missing", "b", "a"].map { key in
            BulkElement<EntryName>.of { () throws(OperationError) in try EntryName(key) }
        }
        let refused = try test.store.forgetAll(names, atomic: true)
        #expect(refused.done == 0)
        #expect(refused.errors.map(\.index) == [1])
        #expect(try test.recall("a") != nil)
        let outcome = try test.store.forgetAll(names)
        #expect(outcome.done == 2)
        #expect(outcome.errors.map(\.index) == [1])
        #expect(try test.store.list(ListQuery()).keys == ["c"])
    }

    @Test func manyKeysAreRecalledInOrderWithTheMisses() throws {
        try test.remember("a", "1")
        try test.remember("b", "2")
        let names = try ["b", "missing", "a", "b"].map { try EntryName($0) }
        let values = try test.store.recallAll(names[...]).map { $0?.value }
        #expect(values == ["2", nil, "1", "2"])
    }

    @Test func aLargeAnswerComesInParts() throws {
        let value = String(repeating: "x", count: MemoryLimits.valueBytes)
        let names = try (0..<7).map { try EntryName("k\($0)") }
        for name in names { try test.remember(name.key, value) }
        var rest = names[...]
        var counts: [Int] = []
        while !rest.isEmpty {
            let part = try test.store.recallAll(rest)
            counts.append(part.count)
            rest = rest.dropFirst(part.count)
        }
        #expect(counts == [3, 3, 1])
    }
}
