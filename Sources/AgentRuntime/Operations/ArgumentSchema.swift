extension Argument {
    /// The JSON Schema (draft 2020-12) of an object with these arguments, as ListOperations answers it.
    ///
    /// - Parameter arguments: The arguments of an operation.
    /// - Returns: A schema that also names the draft.
    package static func schema(of arguments: [Argument]) -> JSONValue {
        guard case .object(var schema) = objectSchema(of: arguments) else { return .null }
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        return .object(schema)
    }

    private static func objectSchema(of arguments: [Argument]) -> JSONValue {
        var schema: [String: JSONValue] = [
            "type": "object",
            "properties": .object(
                Dictionary(arguments.map { ($0.name, $0.schema) }) { first, _ in first }),
            "additionalProperties": false,
        ]
        let required = arguments.filter(\.isRequired).map { JSONValue.string($0.name) }
        if !required.isEmpty { schema["required"] = .array(required) }
        return .object(schema)
    }

    private var schema: JSONValue {
        guard case .object(var schema) = kind.schema else { return .null }
        schema["description"] = .string(description)
        if let defaultValue { schema["default"] = defaultValue }
        return .object(schema)
    }
}

extension Argument.Kind {
    fileprivate var schema: JSONValue {
        switch self {
        case .string(let maxBytes):
            // A schema counts characters: no text of fewer bytes has more of them.
            ["type": "string", "maxLength": .int(Int64(maxBytes))]
        case .choice(let words):
            ["enum": .array(words.map { .string($0) })]
        case .integer(let range):
            [
                "type": "integer", "minimum": .int(range.lowerBound),
                "maximum": .int(range.upperBound),
            ]
        case .number(let range):
            .object(
                ["type": "number"].merging(range.bounds) { first, _ in first })
        case .boolean:
            ["type": "boolean"]
        case .array(let element, let maxCount):
            ["type": "array", "items": element.schema, "maxItems": .int(Int64(maxCount))]
        case .stringMap:
            ["type": "object", "additionalProperties": ["type": "string"]]
        case .object(let fields):
            Argument.nestedSchema(of: fields)
        }
    }
}

extension Argument {
    fileprivate static func nestedSchema(of fields: [Argument]) -> JSONValue {
        objectSchema(of: fields)
    }
}

extension ClosedRange<Double> {
    /// JSON has no infinities, so an open side has no bound.
    fileprivate var bounds: [String: JSONValue] {
        var bounds: [String: JSONValue] = [:]
        if lowerBound.isFinite { bounds["minimum"] = .double(lowerBound) }
        if upperBound.isFinite { bounds["maximum"] = .double(upperBound) }
        return bounds
    }
}
