/// A panic, as Rust's standard library prints it to standard error.
struct PanicMessage: Sendable, Hashable {
    /// The thread's name, which is the test's for a test.
    var thread: String
    /// Where it happened: `src/lib.rs:12:9`.
    var location: String
    var message: String

    /// All panics in a text, in their order.
    ///
    /// - Parameter lines: Lines without their endings.
    /// - Returns: Each with the lines of its message.
    static func all(in lines: [String]) -> [PanicMessage] {
        lines.indices.compactMap { index in
            guard var panic = PanicMessage(firstLine: lines[index]) else { return nil }
            if panic.message.isEmpty {
                panic.message = lines[(index + 1)...]
                    .prefix { !$0.isEmpty && !endsMessage($0) }
                    .joined(separator: "\n")
            }
            return panic
        }
    }

    /// Reads the line that a panic begins with.
    ///
    /// Since Rust 1.73 `thread 'NAME' (ID) panicked at FILE:LINE:COLUMN:`, with the message on the next lines and the
    /// id since 1.91; before, `thread 'NAME' panicked at 'MESSAGE', FILE:LINE:COLUMN`.
    init?(firstLine line: String) {
        guard line.hasPrefix("thread '"), let panicked = line.firstRange(of: " panicked at ") else {
            return nil
        }
        let name = line[..<panicked.lowerBound].dropFirst("thread '".count)
        guard let nameEnd = name.lastIndex(of: "'") else { return nil }
        thread = String(name[..<nameEnd])
        let rest = line[panicked.upperBound...]
        if rest.hasPrefix("'"), let end = rest.ranges(of: "', ").last {
            message = String(rest[..<end.lowerBound].dropFirst())
            location = String(rest[end.upperBound...])
        } else {
            message = ""
            location = String(rest.hasSuffix(":") ? rest.dropLast() : rest)
        }
    }

    private static func endsMessage(_ line: String) -> Bool {
        line == "stack backtrace:" || line.hasPrefix("note: run with `RUST_BACKTRACE=")
            || line.hasPrefix("note: panic did not contain expected string")
            || PanicMessage(firstLine: line) != nil
    }
}
