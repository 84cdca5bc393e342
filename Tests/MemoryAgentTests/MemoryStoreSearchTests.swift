import AgentRuntime
import GRDB
import Testing

@testable import MemoryAgent

struct MemoryStoreSearchTests {
    let test: TestStore

    init() throws {
        test = try TestStore()
    }

    @Test(arguments: [
        ("fox", ["animal"]), ("quick fo", ["animal"]), ("fox quick", ["animal"]),
        ("quick cat", []), ("FÖX", ["animal"]), ("anim", ["animal"]), ("fauna", ["animal"]),
        ("qui fox", []), ("fox OR cat", []), ("jumps-over", ["animal"]), ("over-jumps", []),
        ("\"fox", ["animal"]), ("fox)", ["animal"]), ("value:fox", []), ("NEAR(fox", []),
        ("*", nil as [String]?),
    ])
    func allWordsMustOccurAndTheLastMayBeABeginning(query: String, keys: [String]?) throws {
        try test.remember("animal", "The quick brown fox jumps over it", tags: ["fauna"])
        try test.remember("pet", "a cat")
        guard let keys else {
            #expect(code { try test.keys(found: query) } == .invalidArgument)
            return
        }
        #expect(try test.keys(found: query) == keys)
    }

    @Test func theBestMatchComesFirstAndScoresOne() throws {
        for number in 0..<20 { try test.remember("noise-\(number)", "nothing of it") }
        try test.remember("in value", "a word and then very many others around the target here")
        try test.remember("target", "short")
        try test.remember("in tag", "a few others", tags: ["target"])
        let found = try test.store.search(SearchQuery("target"))
        #expect(found.matches.map(\.key) == ["target", "in tag", "in value"])
        #expect(found.matches.first?.score == 1)
        let scores = found.matches.map(\.score)
        #expect(scores == scores.sorted(by: >))
        #expect(scores.allSatisfy { (0...1).contains($0) })
        let best = try test.store.search(SearchQuery("target", minimumScore: 0.99))
        #expect(best.matches.map(\.key) == ["target"])
        #expect(try test.store.search(SearchQuery("target", limit: 2)).matches.count == 2)
    }

    @Test func aSearchSeesOnlyItsNamespace() throws {
        try test.remember("here", "word")
        try test.remember("there", "word", in: "other")
        #expect(try test.keys(found: "word") == ["here"])
        #expect(try test.keys(found: "word", in: "other") == ["there"])
    }

    /// Each step with the index in step before it, and behind.
    @Test(arguments: [true, false])
    func theIndexFollowsEveryChange(isIndexedBetween: Bool) throws {
        func step(_ change: () throws -> Void) throws {
            try change()
            if isIndexedBetween { try test.store.indexWords() }
        }
        try step { try test.remember("k", "first", tags: ["one"]) }
        try step { try test.remember("k", "second", tags: ["two"]) }
        try step { try test.remember("k", "third", tags: ["two"]) }
        #expect(try test.keys(found: "first") == [])
        #expect(try test.keys(found: "one") == [])
        #expect(try test.keys(found: "third two") == ["k"])
        try step { try test.forget("k") }
        try step { try test.remember("other", "fourth") }
        #expect(try test.keys(found: "third") == [])
        #expect(try test.keys(found: "fourth") == ["other"])
        try step { try test.remember("other", "fifth") }
        try step { try test.forget("other") }
        #expect(try test.keys(found: "fifth") == [])
        #expect(try test.isWordIndexWhole())
    }

    @Test func whatWasNotIndexedYetIsFoundAfterReopening() throws {
        for number in 0..<300 { try test.remember("k\(number)", "word\(number)") }
        let reopened = try test.reopened()
        #expect(try reopened.keys(found: "word299") == ["k299"])
        #expect(try reopened.isWordIndexWhole())
    }

    @Test func anAnswerIsBounded() throws {
        let value = "word " + String(repeating: "x", count: MemoryLimits.valueBytes - 5)
        for number in 0..<5 { try test.remember("k\(number)", value) }
        let found = try test.store.search(SearchQuery("word"))
        #expect(found.matches.count == 3)
        #expect(found.isTruncated)
        #expect(try test.store.search(SearchQuery("word", limit: 2)).isTruncated == false)
    }
}

extension TestStore {
    /// FTS5's own comparison of the index with the entries.
    fileprivate func isWordIndexWhole() throws -> Bool {
        try store.indexWords()
        do {
            try store.database.write("check the word index") { db in
                try db.execute(
                    sql: """
                        INSERT INTO entry_words (entry_words, rank) VALUES ('integrity-check', 1)
                        """)
            }
            return true
        } catch {
            return error.code != .dataLoss
        }
    }
}
