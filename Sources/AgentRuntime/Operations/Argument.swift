/// One argument of an operation: what is listed, checked, coerced and defaulted.
package struct Argument: Sendable, Hashable {
    /// What values an argument takes.
    package indirect enum Kind: Sendable, Hashable {
        /// Text of at most so many UTF-8 bytes.
        case string(maxBytes: Int)
        /// One of these words.
        case choice([String])
        /// A whole number.
        case integer(ClosedRange<Int64>)
        /// Any number in the range.
        case number(ClosedRange<Double>)
        case boolean
        /// An array whose elements are of the kind; where they are strings, "a,b" is taken too.
        case array(Kind, maxCount: Int)
        /// An object with any keys and strings as values.
        case stringMap
        /// An object with these fields.
        case object([Argument])
    }

    /// The snake_case name; the camelCase form of it is taken too.
    package var name: String
    package var kind: Kind
    /// Refuse a call without it.
    package var isRequired: Bool
    /// Stands in where the call has none; nil leaves the argument out.
    package var defaultValue: JSONValue?
    /// One line, with units and limits.
    package var description: String
    /// Other names that are taken, as they are written.
    package var aliases: [String]

    /// Creates an argument.
    ///
    /// - Parameters:
    ///   - name: The snake_case name.
    ///   - kind: What values it takes.
    ///   - isRequired: Refuse a call without it; false by default.
    ///   - defaultValue: Stands in where the call has none; nil leaves the argument out.
    ///   - aliases: Other names that are taken, as they are written.
    ///   - description: One line, with units and limits.
    package init(
        _ name: String, _ kind: Kind, isRequired: Bool = false,
        default defaultValue: JSONValue? = nil,
        aliases: [String] = [], _ description: String
    ) {
        self.name = name
        self.kind = kind
        self.isRequired = isRequired
        self.defaultValue = defaultValue
        self.aliases = aliases
        self.description = description
    }
}
