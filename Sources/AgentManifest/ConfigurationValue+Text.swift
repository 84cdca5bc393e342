extension ConfigurationValue {
    /// The value as TOML writes it (TOML 1.0.0), in one line.
    package var text: String {
        switch self {
        case .string(let text): Self.quoted(text)
        case .integer(let value): String(value)
        case .double(let value): String(value)
        case .boolean(let value): String(value)
        case .date: "\"\(typeName)\""
        case .array(let values): "[\(values.map(\.text).joined(separator: ", "))]"
        case .table(let entries):
            "{"
                + entries.sorted { $0.key < $1.key }
                .map { "\(Self.keyText([$0])) = \($1.text)" }.joined(separator: ", ") + "}"
        }
    }

    /// A dotted key, its parts quoted where they have to be.
    ///
    /// - Parameter path: The parts.
    /// - Returns: Such as `env."A B"`.
    package static func keyText(_ path: ArraySlice<String>) -> String {
        path.map { part in
            let isBare =
                !part.isEmpty
                && part.utf8.allSatisfy {
                    switch $0 {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"),
                        UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
                        UInt8(ascii: "-"):
                        true
                    default: false
                    }
                }
            return isBare ? part : quoted(part)
        }.joined(separator: ".")
    }

    /// A basic string: quotes, backslashes and control characters escaped.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
