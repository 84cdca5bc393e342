import AgentRuntime
import Testing

@testable import MemoryAgent

struct SearchQueryTests {
    @Test(arguments: [
        ("word", #""word"*"#), ("two words", #""two" AND "words"*"#),
        ("  spaced\tout\n", #""spaced" AND "out"*"#), ("a OR b", #""a" AND "OR" AND "b"*"#),
        (#"say "hi" now"#, #""say" AND "hi" AND "now"*"#), ("foo-bar", #""foo-bar"*"#),
        ("- word !", #""word"*"#), ("key:value*", #""key:value*"*"#), ("x\0y", #""x" AND "y"*"#),
    ])
    func wordsBecomePhrases(text: String, expression: String) throws {
        #expect(try SearchQuery(text).expression == expression)
    }

    @Test(arguments: ["", "  ", "-", "\"\"", "🧠", String(repeating: "x", count: 4_097)])
    func aQueryWithoutAWordIsRefused(text: String) {
        #expect(code { try SearchQuery(text) } == .invalidArgument)
    }

    @Test(arguments: [(0, 0.0), (1_001, 0), (-1, 0), (1, -0.1), (1, 1.1), (1, .nan)])
    func numbersOutOfRangeAreRefused(limit: Int, minimumScore: Double) {
        #expect(
            code { try SearchQuery("x", limit: limit, minimumScore: minimumScore) }
                == .invalidArgument)
    }
}
