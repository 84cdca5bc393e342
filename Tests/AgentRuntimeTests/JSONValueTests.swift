import AgentRuntime
import Testing

struct JSONValueTests {
    @Test(
        arguments: [
            ("null", .null), (" true ", true), ("false", false), ("0", 0), ("-0", 0), ("42", 42),
            ("9223372036854775807", .int(.max)), ("-9223372036854775808", .int(.min)),
            ("9223372036854775808", .double(9_223_372_036_854_775_808)), ("1.5", 1.5),
            ("1e2", 100.0),
            ("-2.5E-1", -0.25), ("\"\"", ""), ("\"hällo 🙂\"", "hällo 🙂"),
            (#""a\"b\\c\/d\b\f\n\r\t""#, "a\"b\\c/d\u{8}\u{c}\n\r\t"),
            (#""\u00e4\ud83d\ude42""#, "ä🙂"),
            ("[]", []), ("[1, [2] ,3]", [1, [2], 3]), ("{}", [:]),
            (
                "\t{\"a\" : {\"b\":[true,null]},\r\n\"c\":\"d\"}",
                ["a": ["b": [true, nil]], "c": "d"]
            ),
        ] as [(String, JSONValue)])
    func readsWhatRFC8259Allows(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "tru", "True", "'a'", "\"a", "\"\\x\"", "\"\\u12\"", "\"\\u+123\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"a\nb\"", "[", "[1", "[1,]", "[,1]", "{", "{\"a\"}",
        "{\"a\":}", "{\"a\":1,}", "{a:1}", "{1:1}", "01", "-", "+1", ".5", "1.", "1e", "1e400",
        "0x1",
        "NaN", "Infinity", "1 2", "[] []", "{\"a\":1,\"a\":2}", "\u{FEFF}1", "/* */ 1",
    ])
    func refusesEverythingElse(text: String) {
        #expect {
            try JSONValue(parsing: text)
        } throws: { error in
            (error as? OperationError)?.code == .invalidArgument
        }
    }

    @Test
    func saysWhereATextIsWrong() {
        let error = #expect(throws: OperationError.self) { try JSONValue(parsing: "{\"a\" 1}") }
        #expect(
            error?.message
                == "cannot read the JSON text: at byte 5 of 7 ':' should be there; send one JSON value"
        )
    }

    @Test(arguments: [(128, true), (129, false), (100_000, false)])
    func depthIsBounded(depth: Int, isAllowed: Bool) {
        let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        let value = try? JSONValue(parsing: text)
        #expect((value != nil) == isAllowed)
    }

    @Test(
        arguments: [
            (.null, "null"), (true, "true"), (-7, "-7"), (1.5, "1.5"), (3.0, "3"),
            (.double(.infinity), "\"Infinity\""), (.double(-.infinity), "\"-Infinity\""),
            (.double(.nan), "\"NaN\""), ([], "[]"), ([:], "{}"),
            (["b": 1, "a": [1, "x"]], #"{"a":[1,"x"],"b":1}"#),
            ("a\"b\\c/\n\r\t\u{1}\u{1f}\u{7f}ä", "\"a\\\"b\\\\c/\\n\\r\\t\\u0001\\u001f\u{7f}ä\""),
        ] as [(JSONValue, String)])
    func writesTheShortestText(value: JSONValue, text: String) {
        #expect(value.text == text)
    }

    @Test(
        arguments: [
            ["x": [1, 2.25, "\u{0}\u{1F600}", nil, true, ["y": [:]]]], .int(.min),
            .double(.leastNonzeroMagnitude),
            .double(1.7e308),
            .double(0.1), 1e15, 123_456_789_012_345_680.0,
        ] as [JSONValue])
    func whatIsWrittenReadsAsItWas(value: JSONValue) throws {
        let back = try JSONValue(parsing: value.text)
        if case .double(let number) = value, case .int(let whole) = back {
            #expect(Double(whole) == number)
        } else {
            #expect(back == value)
        }
    }
}
