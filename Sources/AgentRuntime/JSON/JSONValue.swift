/// A JSON value (RFC 8259) as it travels in `arguments_json` and `result_json`.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
}

extension JSONValue {
    /// Parses a JSON text.
    ///
    /// A number without a fraction or an exponent that fits into 64 bits is an ``int(_:)``, any other a ``double(_:)``.
    ///
    /// - Parameter text: One JSON value, nested at most 128 deep.
    /// - Throws: ``OperationError`` with ``OperationError/Code/invalidArgument`` that says what is wrong with the text,
    ///   and where.
    package init(parsing text: String) throws(OperationError) {
        var parser = JSONParser(text)
        self = try parser.parse()
    }

    /// The value as JSON text, with the keys of objects in ascending order.
    ///
    /// Numbers that JSON cannot express are the strings "Infinity", "-Infinity" and "NaN".
    package var text: String {
        var writer = JSONWriter()
        writer.write(self)
        return writer.text
    }

    /// What kind of value it is, in JSON's own words, for messages.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .int, .double: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral, ExpressibleByNilLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .int(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
    package init(nilLiteral: ()) { self = .null }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements) { _, last in last })
    }
}
