import Testing

@testable import op_agents

struct JSONLayoutTests {
    @Test(arguments: [
        ("{}", "{}"),
        ("[ ]", "[]"),
        ("{ \"a\" : {} }", "{\n  \"a\": {}\n}"),
        (
            #"{"b":1.50,"a":[true,null]}"#,
            "{\n  \"b\": 1.50,\n  \"a\": [\n    true,\n    null\n  ]\n}"
        ),
        (#"{"k":"a \"b\" {,:} \\"}"#, "{\n  \"k\": \"a \\\"b\\\" {,:} \\\\\"\n}"),
        (#"[1e400,12345678901234567890]"#, "[\n  1e400,\n  12345678901234567890\n]"),
        ("not json", "notjson"),
        ("}}", "\n}\n}"),
    ])
    func textIsIndentedAndOtherwiseKept(text: String, expected: String) {
        #expect(JSONLayout.indent(text) == expected)
    }
}
