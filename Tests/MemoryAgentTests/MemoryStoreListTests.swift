import AgentRuntime
import GRDB
import Testing

@testable import MemoryAgent

struct MemoryStoreListTests {
    let test: TestStore

    init() throws {
        test = try TestStore()
    }

    @Test(arguments: [
        ("", ["a", "a*b", "ab", "b/1", "b/2", "É"]), ("a*", ["a", "a*b", "ab"]), ("a[*]b", ["a*b"]),
        ("?", ["a", "É"]), ("b/[!1]", ["b/2"]), ("A*", []), ("b/[0-1]", ["b/1"]),
    ])
    func keysAreListedByGlobInOrder(pattern: String, keys: [String]) throws {
        for key in ["b/2", "É", "ab", "a", "b/1", "a*b"] { try test.remember(key) }
        try test.remember("a-of-another", in: "other")
        let page = try test.store.list(ListQuery(pattern: pattern))
        #expect(page == ListPage(keys: keys, total: keys.count, next: nil))
    }

    @Test func keysAreListedByTag() throws {
        try test.remember("1", tags: ["red", "round"])
        try test.remember("2", tags: ["red"])
        try test.remember("3", tags: ["round"])
        #expect(try test.store.list(ListQuery(tag: "red")).keys == ["1", "2"])
        try test.remember("2", tags: ["blue"])
        try test.forget("1")
        #expect(try test.store.list(ListQuery(tag: "red")).keys == [])
        #expect(try test.store.list(ListQuery(tag: "blue")).keys == ["2"])
        #expect(try test.store.list(ListQuery(pattern: "3", tag: "round")).keys == ["3"])
    }

    @Test(arguments: [1, 3, 7, 10, 11])
    func pagesShowEachKeyOnceWhateverChangesMeanwhile(limit: Int) throws {
        let keys = (0..<10).map { "key-\($0)" }
        for key in keys { try test.remember(key) }
        var seen: [String] = []
        var cursor = ""
        repeat {
            let page = try test.store.list(ListQuery(limit: limit, cursor: cursor))
            #expect(page.total == keys.count)
            seen += page.keys
            cursor = page.next?.text ?? ""
            // Behind the cursor and before it: neither moves the pages.
            try test.remember("key-0", "again")
        } while !cursor.isEmpty
        #expect(seen == keys)
    }

    @Test(arguments: ["key", "🧠", "\u{301}accent first", "a b/c"])
    func aCursorIsReadBack(key: String) throws {
        #expect(try ListCursor(ListCursor(after: key).text).key == key)
    }

    @Test(arguments: ["x", "not base64!", "a2V5"])
    func aForeignCursorIsRefused(cursor: String) {
        #expect(code { try ListQuery(cursor: cursor) } == .invalidArgument)
    }

    @Test(arguments: [0, 1_001, -5])
    func aLimitOutOfRangeIsRefused(limit: Int) {
        #expect(code { try ListQuery(limit: limit) } == .invalidArgument)
    }

    @Test func aPatternWithAPrefixUsesTheIndex() throws {
        let plan = try test.store.database.scan("explain") { db in
            try Row.fetchAll(
                db,
                sql: """
                    EXPLAIN QUERY PLAN SELECT key FROM entries WHERE namespace = ? AND key GLOB ?
                    """, arguments: ["default", "user/*"]
            ).map { $0["detail"] as String }
        }
        #expect(plan.contains { $0.contains("key>? AND key<?") }, "\(plan)")
    }
}
