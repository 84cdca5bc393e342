/// The arguments of one call, after the operation's ``Argument`` list has checked, coerced and defaulted them.
///
/// The accessors return nil only where the call gave no value and the list has no default.
package struct Arguments: Sendable, Hashable {
    /// By the arguments' own names.
    package let values: [String: JSONValue]

    /// Checks the arguments of a call.
    ///
    /// Numbers and booleans sent as strings are coerced, snake_case and camelCase names are both taken.
    ///
    /// - Parameters:
    ///   - json: A JSON object; empty text means `{}`.
    ///   - expected: The operation's arguments.
    /// - Throws: ``OperationError`` with ``OperationError/Code/invalidArgument`` that names the argument, and for an
    ///   unknown one the names that exist.
    package init(json: String, expecting expected: [Argument]) throws(OperationError) {
        guard case .object(let given) = json.isEmpty ? [:] : try JSONValue(parsing: json) else {
            throw OperationError(
                .invalidArgument,
                "cannot read the arguments: they are not a JSON object; send {\"name\": value, ...}"
            )
        }
        values = try ArgumentChecker(path: "").check(given, against: expected)
    }

    /// The text of a string or choice argument.
    package func string(_ name: String) -> String? {
        guard case .string(let value) = values[name] else { return nil }
        return value
    }

    /// The value of an integer argument.
    package func int(_ name: String) -> Int64? {
        guard case .int(let value) = values[name] else { return nil }
        return value
    }

    /// The value of a number argument.
    package func double(_ name: String) -> Double? {
        switch values[name] {
        case .double(let value): value
        case .int(let value): Double(value)
        default: nil
        }
    }

    /// The value of a boolean argument.
    package func bool(_ name: String) -> Bool? {
        guard case .bool(let value) = values[name] else { return nil }
        return value
    }

    /// The elements of an array of strings; empty where there are none.
    package func strings(_ name: String) -> [String] {
        guard case .array(let elements) = values[name] else { return [] }
        return elements.compactMap { element in
            guard case .string(let value) = element else { return nil }
            return value
        }
    }

    /// The entries of a string map; empty where there are none.
    package func stringMap(_ name: String) -> [String: String] {
        guard case .object(let entries) = values[name] else { return [:] }
        return entries.compactMapValues { entry in
            guard case .string(let value) = entry else { return nil }
            return value
        }
    }

    /// The elements of an array of objects, each checked; empty where there are none.
    package func objects(_ name: String) -> [Arguments] {
        guard case .array(let elements) = values[name] else { return [] }
        return elements.compactMap { element in
            guard case .object(let fields) = element else { return nil }
            return Arguments(values: fields)
        }
    }

    private init(values: [String: JSONValue]) {
        self.values = values
    }
}
