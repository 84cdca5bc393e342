/// Holds the arguments of a call against the operation's list: names, kinds, limits, defaults.
struct ArgumentChecker {
    /// Where it is in nested objects, for messages: "" or "entries[3].".
    let path: String

    func check(
        _ given: [String: JSONValue], against expected: [Argument]
    ) throws(OperationError) -> [String: JSONValue] {
        var values: [String: JSONValue] = [:]
        for (name, value) in given {
            guard let argument = expected.first(where: { $0.isCalled(name) }) else {
                let known = expected.map(\.name).sorted().joined(separator: ", ")
                throw OperationError(
                    .invalidArgument,
                    "cannot use the argument \(path)\(name): it does not exist; "
                        + (known.isEmpty ? "send no arguments" : "the arguments are \(known)"))
            }
            if values[argument.name] != nil {
                throw refusal(argument.name, "it is given twice, under two names", "send it once")
            }
            if value != .null {
                values[argument.name] = try check(value, as: argument.kind, name: argument.name)
            }
        }
        for argument in expected where values[argument.name] == nil {
            if argument.isRequired {
                throw refusal(argument.name, "it is missing", "send it: \(argument.description)")
            }
            values[argument.name] = argument.defaultValue
        }
        return values
    }

    private func check(
        _ value: JSONValue, as kind: Argument.Kind, name: String
    ) throws(OperationError) -> JSONValue {
        switch kind {
        case .string(let maxBytes):
            guard let text = value.scalarText else {
                throw refusal(name, "it is \(value.kind)", "send a string")
            }
            guard text.utf8.count <= maxBytes else {
                throw refusal(
                    name, "it has \(text.utf8.count) bytes", "send at most \(maxBytes) bytes")
            }
            return .string(text)
        case .choice(let words):
            guard case .string(let word) = value, words.contains(word) else {
                throw refusal(
                    name, "it is \(value.text)", "send one of \(words.joined(separator: ", "))")
            }
            return value
        case .integer(let range):
            guard let number = value.wholeNumber else {
                throw refusal(name, "it is \(value.text)", "send a whole number")
            }
            guard range.contains(number) else {
                throw refusal(
                    name, "it is \(number)", "send \(range.lowerBound) to \(range.upperBound)")
            }
            return .int(number)
        case .number(let range):
            guard let number = value.number, range.contains(number) else {
                throw refusal(
                    name, "it is \(value.text)",
                    "send a number from \(range.lowerBound) to \(range.upperBound)")
            }
            return .double(number)
        case .boolean:
            guard let truth = value.truth else {
                throw refusal(name, "it is \(value.text)", "send true or false")
            }
            return .bool(truth)
        case .array(let element, let maxCount):
            return try checkArray(value, of: element, maxCount: maxCount, name: name)
        case .stringMap:
            guard case .object(let entries) = value else {
                throw refusal(name, "it is \(value.kind)", "send an object of strings")
            }
            var texts: [String: JSONValue] = [:]
            for (key, entry) in entries {
                guard let text = entry.scalarText else {
                    throw refusal("\(name).\(key)", "it is \(entry.kind)", "send a string")
                }
                texts[key] = .string(text)
            }
            return .object(texts)
        case .object(let fields):
            guard case .object(let given) = value else {
                throw refusal(name, "it is \(value.kind)", "send an object")
            }
            return .object(
                try ArgumentChecker(path: "\(path)\(name).").check(given, against: fields))
        }
    }

    private func checkArray(
        _ value: JSONValue, of element: Argument.Kind, maxCount: Int, name: String
    ) throws(OperationError) -> JSONValue {
        let elements: [JSONValue]
        switch (value, element) {
        case (.array(let given), _):
            elements = given
        case (.string(let list), .string), (.string(let list), .choice):
            elements = list.split(separator: ",").map { .string($0.trimmingSpaces) }
        default:
            throw refusal(name, "it is \(value.kind)", "send an array")
        }
        guard elements.count <= maxCount else {
            throw refusal(name, "it has \(elements.count) elements", "send at most \(maxCount)")
        }
        var checked: [JSONValue] = []
        checked.reserveCapacity(elements.count)
        for (index, given) in elements.enumerated() {
            checked.append(try check(given, as: element, name: "\(name)[\(index)]"))
        }
        return .array(checked)
    }

    private func refusal(_ name: String, _ reason: String, _ remedy: String) -> OperationError {
        OperationError(
            .invalidArgument, "cannot use the argument \(path)\(name): \(reason); \(remedy)")
    }
}

extension Argument {
    fileprivate func isCalled(_ given: String) -> Bool {
        given == name || given == name.camelCased || aliases.contains(given)
    }
}

extension String {
    /// "ttl_secs" as "ttlSecs".
    fileprivate var camelCased: String {
        let words = split(separator: "_")
        return words.dropFirst().reduce(String(words.first ?? "")) { text, word in
            text + word.prefix(1).uppercased() + word.dropFirst()
        }
    }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        let start = drop { $0 == " " }
        return String(start.reversed().drop { $0 == " " }.reversed())
    }
}

extension JSONValue {
    /// A string, or the text of a number or boolean sent where a string belongs.
    fileprivate var scalarText: String? {
        switch self {
        case .string(let value): value
        case .int(let value): String(value)
        case .double(let value): String(value)
        case .bool(let value): String(value)
        case .null, .array, .object: nil
        }
    }

    fileprivate var wholeNumber: Int64? {
        switch self {
        case .int(let value): value
        case .double(let value): Int64(exactly: value)
        case .string(let value): Int64(value)
        case .null, .bool, .array, .object: nil
        }
    }

    fileprivate var number: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        case .string(let value): Double(value)
        case .null, .bool, .array, .object: nil
        }
    }

    fileprivate var truth: Bool? {
        switch self {
        case .bool(let value): value
        case .string("true"): true
        case .string("false"): false
        case .null, .int, .double, .string, .array, .object: nil
        }
    }
}
