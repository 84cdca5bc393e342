/// Reads the keys of one table, checks their types and ranges, and remembers which keys it knows.
///
/// A key that is absent or wrong reads as `nil`; what is wrong goes to the problem log, so that one
/// pass finds all of it.
final class TableReader {
    let document: ConfigurationDocument
    private let path: [String]
    private let entries: [String: ConfigurationValue]
    private let log: ProblemLog
    private var knownKeys: [String] = []

    private init(
        _ document: ConfigurationDocument, path: [String], entries: [String: ConfigurationValue],
        log: ProblemLog
    ) {
        self.document = document
        self.path = path
        self.entries = entries
        self.log = log
    }

    /// Reads a document's root.
    convenience init(_ document: ConfigurationDocument, log: ProblemLog) {
        self.init(document, path: [], entries: document.root, log: log)
    }

    /// The path of the file that is read.
    var file: String { document.file }

    /// All keys that are there, in order.
    var keys: [String] { entries.keys.sorted() }

    /// The keys that hold tables, in order.
    var tableNames: [String] {
        entries.filter { if case .table = $0.value { true } else { false } }.keys.sorted()
    }

    /// Whether the key is there, with whatever value.
    func has(_ key: String) -> Bool { entries[key] != nil }

    /// A string that is not empty.
    func string(_ key: String) -> String? {
        read(key, as: "a string") {
            guard case .string(let text) = $0, !text.isEmpty else { return nil }
            return text
        }
    }

    /// A string, which may be empty.
    func text(_ key: String) -> String? {
        read(key, as: "a string") {
            guard case .string(let text) = $0 else { return nil }
            return text
        }
    }

    /// An array of strings that are not empty.
    func strings(_ key: String) -> [String]? {
        read(key, as: "an array of strings") {
            guard case .array(let values) = $0 else { return nil }
            var strings: [String] = []
            for value in values {
                guard case .string(let text) = value, !text.isEmpty else { return nil }
                strings.append(text)
            }
            return strings
        }
    }

    /// An array of strings that are not empty, and of integers, which are returned as their digits.
    func stringsOrIntegers(_ key: String) -> [String]? {
        read(key, as: "an array of strings or integers") {
            guard case .array(let values) = $0 else { return nil }
            var strings: [String] = []
            for value in values {
                switch value {
                case .string(let text) where !text.isEmpty: strings.append(text)
                case .integer(let number): strings.append(String(number))
                default: return nil
                }
            }
            return strings
        }
    }

    /// A table of strings.
    func stringTable(_ key: String) -> [String: String]? {
        read(key, as: "a table of strings") {
            guard case .table(let entries) = $0 else { return nil }
            var strings: [String: String] = [:]
            for (name, value) in entries {
                guard case .string(let text) = value else { return nil }
                strings[name] = text
            }
            return strings
        }
    }

    /// A boolean.
    func boolean(_ key: String) -> Bool? {
        read(key, as: "true or false") {
            guard case .boolean(let value) = $0 else { return nil }
            return value
        }
    }

    /// An integer within a range.
    func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        read(key, as: "an integer from \(range.lowerBound) to \(range.upperBound)") {
            guard case .integer(let value) = $0, range.contains(value) else { return nil }
            return value
        }
    }

    /// A TCP port.
    func port(_ key: String) -> UInt16? {
        integer(key, in: 1...65_535).map(UInt16.init)
    }

    /// A duration such as `"5s"`, within a range.
    func duration(_ key: String, in range: ClosedRange<Duration>) -> Duration? {
        let lower = DurationText.format(range.lowerBound)
        let upper = DurationText.format(range.upperBound)
        if case .integer(let count) = entries[key] {
            knownKeys.append(key)
            report(
                key, reason: "\(count) has no unit",
                remedy: "write \"\(count)s\" for seconds; units are ms, s, m and h")
            return nil
        }
        return read(key, as: "a duration with its unit from \"\(lower)\" to \"\(upper)\"") {
            guard case .string(let text) = $0, let duration = DurationText.parse(text),
                range.contains(duration)
            else { return nil }
            return duration
        }
    }

    /// An amount of memory in bytes: an integer, or a string such as `"512MiB"`.
    func byteCount(_ key: String, atLeast minimum: Int) -> Int? {
        read(key, as: "a size such as \"512MiB\" of at least \(minimum) bytes") {
            let count: Int? =
                switch $0 {
                case .integer(let count): count
                case .string(let text): ByteCountText.parse(text)
                default: nil
                }
            guard let count, count >= minimum else { return nil }
            return count
        }
    }

    /// One of an enumeration's words.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String, of type: Choice.Type
    ) -> Choice? {
        let words = type.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
        return read(key, as: words) {
            guard case .string(let text) = $0 else { return nil }
            return Choice(rawValue: text)
        }
    }

    /// A table below this one.
    func table(_ key: String) -> TableReader? {
        read(key, as: "a table") {
            guard case .table(let entries) = $0 else { return nil }
            return TableReader(document, path: path + [key], entries: entries, log: log)
        }
    }

    /// Reports every key that nothing asked for, with the known key that comes closest.
    ///
    /// - Parameter names: Keys that are known besides those asked for.
    func reportUnknownKeys(besides names: [String] = []) {
        let known = Set(knownKeys + names)
        for key in entries.keys.sorted() where !known.contains(key) {
            let suggestion =
                NearestName.nearest(to: key, among: known.sorted()).map {
                    "did you mean \(fullName(of: $0))?"
                } ?? "the keys here are \(known.sorted().joined(separator: ", "))"
            report(key, reason: "there is no such key", remedy: suggestion)
        }
    }

    /// Reports a problem of a key.
    func report(_ key: String, reason: String, remedy: String) {
        let name = fullName(of: key)
        log.report(
            ConfigurationProblem(
                file: document.file, line: document.line(of: path + [key]), key: name,
                message: "cannot use \(name): \(reason); \(remedy)"))
    }

    /// The file and line of a key, as other problems refer to it.
    func place(of key: String) -> String {
        guard let line = document.line(of: path + [key]) else { return document.file }
        return "\(document.file):\(line)"
    }

    private func fullName(of key: String) -> String { (path + [key]).joined(separator: ".") }

    private func read<Value>(
        _ key: String, as expected: String, _ convert: (ConfigurationValue) -> Value?
    ) -> Value? {
        knownKeys.append(key)
        guard let value = entries[key] else { return nil }
        guard let result = convert(value) else {
            report(key, reason: "\(value.summary) is not \(expected)", remedy: "write \(expected)")
            return nil
        }
        return result
    }
}
