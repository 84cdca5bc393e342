import AgentRuntime
import Testing

@testable import MemoryAgent

/// What ``EntryName`` and ``NewEntry`` refuse.
struct EntryLimitsTests {
    @Test(arguments: [
        ("", false), ("k", true), (String(repeating: "k", count: 512), true),
        (String(repeating: "k", count: 513), false), (String(repeating: "é", count: 257), false),
        ("a\0b", false), ("a\nb", false), ("a\u{7F}b", false), ("ключ/with space", true),
    ])
    func aKeyHasOneTo512BytesWithoutControlCharacters(key: String, isTaken: Bool) {
        #expect(code { try EntryName(key) } == (isTaken ? nil : .invalidArgument))
    }

    @Test(arguments: [
        ("", true), (String(repeating: "n", count: 128), true),
        (String(repeating: "n", count: 129), false), ("a\tb", false),
    ])
    func aNamespaceHasAtMost128Bytes(namespace: String, isTaken: Bool) {
        #expect(code { try EntryName("k", in: namespace) } == (isTaken ? nil : .invalidArgument))
    }

    @Test(arguments: [
        ([], true), (["t"], true), ([""], false), (["a\nb"], false),
        ([String(repeating: "t", count: 128)], true),
        ([String(repeating: "t", count: 129)], false),
        ((0..<32).map(String.init), true), ((0..<33).map(String.init), false),
    ])
    func tagsAreAtMost32OfAtMost128Bytes(tags: [String], isTaken: Bool) {
        #expect(
            code { try NewEntry(EntryName("k"), value: "", tags: tags) }
                == (isTaken ? nil : .invalidArgument))
    }

    @Test func aValueHasAtMostOneMebibyte() {
        let value = String(repeating: "v", count: MemoryLimits.valueBytes + 1)
        #expect(code { try NewEntry(EntryName("k"), value: value) } == .invalidArgument)
    }

    @Test(arguments: [
        (0, true), (3_155_760_000, true), (3_155_760_001, false), (UInt64.max, false),
    ])
    func anEntryLivesAtMostACentury(seconds: UInt64, isTaken: Bool) {
        #expect(
            code { try NewEntry(EntryName("k"), value: "", ttlSeconds: seconds) }
                == (isTaken ? nil : .invalidArgument))
    }

    @Test func aRefusalNamesTheLimit() {
        let error = #expect(throws: OperationError.self) {
            try EntryName(String(repeating: "k", count: 600))
        }
        #expect(
            error?.message
                == "cannot use the argument key: it has 600 bytes; send at most 512 bytes")
    }
}
