/// Options of the form `--name value`.
struct Options {
    private var values: [String: [String]] = [:]

    /// Reads the rest of a command line.
    init(_ arguments: some Sequence<String>) throws(UsageError) {
        var rest = arguments.makeIterator()
        while let argument = rest.next() {
            guard argument.hasPrefix("--") else {
                throw UsageError(reason: "\(argument) is not an option")
            }
            guard let value = rest.next() else {
                throw UsageError(reason: "\(argument) needs a value")
            }
            values[String(argument.dropFirst(2)), default: []].append(value)
        }
    }

    /// Takes an option that may be repeated.
    mutating func take(_ name: String) -> [String] {
        values.removeValue(forKey: name) ?? []
    }

    /// Sets a property from the option of its name, if that is there.
    mutating func set<Value: LosslessStringConvertible>(
        _ property: inout Value, from name: String
    ) throws(UsageError) {
        try set(&property, from: name) { Value($0) }
    }

    /// Sets a property that is nil by default.
    mutating func set<Value: LosslessStringConvertible>(
        _ property: inout Value?, from name: String
    ) throws(UsageError) {
        try set(&property, from: name) { Value($0) }
    }

    /// Sets a duration: `1500ms` or `2s`.
    mutating func set(_ property: inout Duration, from name: String) throws(UsageError) {
        try set(&property, from: name, reading: Self.duration)
    }

    /// Sets a duration that is nil by default.
    mutating func set(_ property: inout Duration?, from name: String) throws(UsageError) {
        try set(&property, from: name, reading: Self.duration)
    }

    /// Refuses what nobody took.
    func end() throws(UsageError) {
        if let name = values.keys.min() { throw UsageError(reason: "there is no option --\(name)") }
    }

    /// Sets a property of any other type.
    mutating func set<Value>(
        _ property: inout Value, from name: String, reading read: (String) -> Value?
    ) throws(UsageError) {
        guard let text = take(name).last else { return }
        guard let value = read(text) else {
            throw UsageError(reason: "--\(name) cannot be \(text)")
        }
        property = value
    }

    private static func duration(_ text: String) -> Duration? {
        if text.hasSuffix("ms") { return Int64(text.dropLast(2)).map { .milliseconds($0) } }
        if text.hasSuffix("s") { return Int64(text.dropLast()).map { .seconds($0) } }
        return nil
    }
}
