import TOMLKit

/// A value of a configuration file.
package enum ConfigurationValue: Equatable, Sendable {
    case string(String)
    case integer(Int)
    case double(Double)
    case boolean(Bool)
    case date
    case array([ConfigurationValue])
    case table([String: ConfigurationValue])

    /// Takes a value out of a parsed document.
    init(_ value: any TOMLValueConvertible) {
        self =
            switch value.type {
            case .string: .string(value.string ?? "")
            case .int: .integer(value.int ?? 0)
            case .double: .double(value.double ?? 0)
            case .bool: .boolean(value.bool ?? false)
            case .date, .time, .dateTime: .date
            case .array: .array(value.array?.map { Self($0) } ?? [])
            case .table: .table(value.table.map { Self.entries(of: $0) } ?? [:])
            }
    }

    /// The entries of a parsed table.
    static func entries(of table: TOMLTable) -> [String: ConfigurationValue] {
        Dictionary(
            table.map { ($0.0, Self($0.1)) }, uniquingKeysWith: { first, _ in first })
    }

    /// The value's type in a person's words.
    var typeName: String {
        switch self {
        case .string: "a string"
        case .integer: "an integer"
        case .double: "a number with a fraction"
        case .boolean: "a boolean"
        case .date: "a date or time"
        case .array: "an array"
        case .table: "a table"
        }
    }
}

extension ConfigurationValue {
    /// The value, where it is short enough to show in a problem, else its type.
    var summary: String {
        switch self {
        case .string(let text) where text.utf8.count <= 40: "\"\(text)\""
        case .integer(let value): "\(value)"
        case .double(let value): "\(value)"
        case .boolean(let value): "\(value)"
        default: typeName
        }
    }
}
