import AgentRuntime
import Testing

@testable import MemoryAgent

struct KeyPatternTests {
    @Test(arguments: [
        ("", "*"), ("*", "*"), ("user/*", "user/*"), ("a?c", "a?c"), ("[abc]", "[abc]"),
        ("[!a-c]x", "[^a-c]x"), ("[^a-c]x", "[^a-c]x"), ("[]]", "[]]"), ("[!]]", "[^]]"),
        ("[[]", "[[]"), ("a]b", "a]b"),
    ])
    func globsBecomeSQLites(pattern: String, glob: String) throws {
        #expect(try KeyPattern(pattern).glob == glob)
    }

    @Test(arguments: ["[", "[abc", "a[", "[]", "[!]", "[^", "x[a]y[b", "[\u{301}", "a\0b"])
    func badGlobsAreRefused(pattern: String) {
        #expect(code { try KeyPattern(pattern) } == .invalidArgument)
    }
}
