import AgentRuntime
import Testing

struct ArgumentsTests {
    private let expected = [
        Argument("key", .string(maxBytes: 5), isRequired: true, "The key."),
        Argument("ttl_secs", .integer(0...100), default: 7, "Seconds."),
        Argument("ratio", .number(0...1), "A part."),
        Argument("release", .boolean, "Optimise."),
        Argument("format", .choice(["json", "yaml"]), "How."),
        Argument("tags", .array(.string(maxBytes: 10), maxCount: 2), aliases: ["labels"], "Words."),
        Argument("env", .stringMap, "Variables."),
        Argument(
            "entries", .array(.object([Argument("id", .integer(0...9), "A digit.")]), maxCount: 3),
            "Several."),
    ]

    private func check(_ json: String) throws -> Arguments {
        try Arguments(json: json, expecting: expected)
    }

    @Test
    func textsAreCoercedNamesMatchedAndDefaultsFilledIn() throws {
        let arguments = try check(
            #"{"key": 12, "ttlSecs": "8", "ratio": "0.5", "release": "true", "labels": "a, b"}"#)
        #expect(arguments.string("key") == "12")
        #expect(arguments.int("ttl_secs") == 8)
        #expect(arguments.double("ratio") == 0.5)
        #expect(arguments.bool("release") == true)
        #expect(arguments.strings("tags") == ["a", "b"])
        #expect(arguments.string("format") == nil)
        #expect(try check(#"{"key": "k", "ttl_secs": null}"#).int("ttl_secs") == 7)
    }

    @Test
    func nestedObjectsAreCheckedToo() throws {
        let arguments = try check(#"{"key": "k", "env": {"A": 1}, "entries": [{"id": "3"}, {}]}"#)
        #expect(arguments.stringMap("env") == ["A": "1"])
        #expect(arguments.objects("entries").map { $0.int("id") } == [3, nil])
    }

    @Test(arguments: [
        ("", "key: it is missing"), ("[]", "not a JSON object"),
        (#"{"key":"k","nix":1}"#, "argument nix"),
        (#"{"key":"123456"}"#, "it has 6 bytes"), (#"{"key":[]}"#, "it is an array"),
        (#"{"key":"k","ttl_secs":101}"#, "send 0 to 100"),
        (#"{"key":"k","ttl_secs":1.5}"#, "whole number"),
        (#"{"key":"k","ratio":2}"#, "send a number"),
        (#"{"key":"k","release":"yes"}"#, "true or false"),
        (#"{"key":"k","format":"xml"}"#, "json, yaml"),
        (#"{"key":"k","tags":["a","b","c"]}"#, "at most 2"),
        (#"{"key":"k","ttl_secs":1,"ttlSecs":2}"#, "given twice"),
        (#"{"key":"k","entries":[{"id":1},{"id":10}]}"#, "entries[1].id"),
    ])
    func whatDoesNotFitIsRefusedByName(json: String, hint: String) {
        let error = #expect(throws: OperationError.self) { try check(json) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains(hint) == true, "\(error?.message ?? "")")
    }
}
