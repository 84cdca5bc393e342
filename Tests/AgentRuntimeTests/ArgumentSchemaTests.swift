import AgentRuntime
import Testing

struct ArgumentSchemaTests {
    @Test
    func theSchemaSaysWhatIsChecked() {
        let schema = Argument.schema(of: [
            Argument("key", .string(maxBytes: 512), isRequired: true, "The key."),
            Argument("limit", .integer(1...1000), default: 100, "How many."),
            Argument("score", .number(0...(.infinity)), "At least."),
            Argument("format", .choice(["json", "yaml"]), "How."),
            Argument("tags", .array(.string(maxBytes: 64), maxCount: 32), "Words."),
            Argument("env", .stringMap, "Variables."),
            Argument(
                "entry", .object([Argument("flag", .boolean, isRequired: true, "A flag.")]), "One."),
        ])
        #expect(
            schema == [
                "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
                "additionalProperties": false, "required": ["key"],
                "properties": [
                    "key": ["type": "string", "maxLength": 512, "description": "The key."],
                    "limit": [
                        "type": "integer", "minimum": 1, "maximum": 1000, "default": 100,
                        "description": "How many.",
                    ],
                    "score": ["type": "number", "minimum": 0.0, "description": "At least."],
                    "format": ["enum": ["json", "yaml"], "description": "How."],
                    "tags": [
                        "type": "array", "items": ["type": "string", "maxLength": 64],
                        "maxItems": 32,
                        "description": "Words.",
                    ],
                    "env": [
                        "type": "object", "additionalProperties": ["type": "string"],
                        "description": "Variables.",
                    ],
                    "entry": [
                        "type": "object", "additionalProperties": false, "required": ["flag"],
                        "properties": ["flag": ["type": "boolean", "description": "A flag."]],
                        "description": "One.",
                    ],
                ],
            ])
    }
}
