/// The command line of an echo program: a command, then `key=value` in any order.
struct Arguments {
    /// What a command line lacks, or has wrong.
    struct Invalid: Error, CustomStringConvertible {
        let description: String
    }

    let command: String
    private var values: [String: String] = [:]

    init(_ words: some Sequence<String>) throws(Invalid) {
        var words = words.makeIterator()
        guard let command = words.next() else {
            throw Invalid(description: "cannot run: no command is given; \(Self.usage)")
        }
        self.command = command
        while let word = words.next() {
            guard let separator = word.firstIndex(of: "=") else {
                throw Invalid(description: "cannot read \(word): it is no key=value; \(Self.usage)")
            }
            values[String(word[..<separator])] = String(word[word.index(after: separator)...])
        }
    }

    /// A whole number from 1.
    ///
    /// - Parameters:
    ///   - key: Its name.
    ///   - fallback: Where it is not given; nil where it has to be.
    /// - Returns: The number.
    /// - Throws: ``Invalid``.
    func count(_ key: String, default fallback: Int? = nil) throws(Invalid) -> Int {
        let count = values[key].map { Int($0) ?? 0 } ?? fallback ?? 0
        guard count > 0 else { throw invalid(key, "a whole number from 1") }
        return count
    }

    /// A time, given in seconds.
    func duration(_ key: String) throws(Invalid) -> Duration {
        guard let seconds = values[key].flatMap(Double.init), seconds > 0 else {
            throw invalid(key, "a number of seconds above 0")
        }
        return .seconds(seconds)
    }

    /// One of a few words; the first of them where none is given.
    func choice<Choice: CaseIterable & RawRepresentable>(
        _ key: String
    ) throws(Invalid) -> Choice where Choice.RawValue == String {
        let word = values[key] ?? Choice.allCases.first?.rawValue ?? ""
        guard let choice = Choice(rawValue: word) else {
            throw invalid(key, Choice.allCases.map(\.rawValue).joined(separator: " or "))
        }
        return choice
    }

    var unknownCommand: Invalid {
        Invalid(description: "cannot run \(command): there is no such command; \(Self.usage)")
    }

    private func invalid(_ key: String, _ wanted: String) -> Invalid {
        let given = values[key].map { "\(key)=\($0)" } ?? "a command without \(key)="
        return Invalid(description: "cannot run \(given): it is to be \(wanted); \(Self.usage)")
    }

    private static let usage = """
        usage:
          serve
          unary    port=P server=PID seconds=S [size=32] [in-flight=1] [connections=1] [caller=pool|loop|direct]
          upload   port=P server=PID seconds=S [size=32] [caller=pool|loop]
          download port=P server=PID seconds=S [size=32] [caller=pool|loop]
          connect  port=P server=PID seconds=S [caller=pool|loop]
          count    port=P calls=N [size=32] [caller=pool|loop|direct]
        """
}
