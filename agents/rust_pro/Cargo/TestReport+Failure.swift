extension TestReport.Failure {
    /// Makes out why a test failed.
    ///
    /// - Parameters:
    ///   - name: The test's.
    ///   - lines: What it printed, where that was captured.
    ///   - panics: What was printed to standard error, where it was not.
    init(name: String, lines: [String], panics: [PanicMessage]) {
        self.init(name: name)
        stdout = lines.reversed().drop(while: \.isEmpty).reversed().joined(separator: "\n")
        let captured = PanicMessage.all(in: lines)
        let panic =
            captured.last { $0.thread == name } ?? captured.last
            ?? panics.last { $0.thread == name }
        location = panic?.location ?? ""
        message = Self.expectation(in: lines) ?? panic?.message ?? Self.firstWords(in: lines)

        let missedPanic = "test did not panic as expected at "
        if message.hasPrefix(missedPanic) {
            location = String(message.dropFirst(missedPanic.count))
        }
        // The lines in a documentation test's panic are those of a program made from it.
        if let place = Self.documentationPlace(name) { location = place }
    }

    /// What the test program says about a panic that should have been another one.
    private static func expectation(in lines: [String]) -> String? {
        let prefix = "note: test did not panic as expected"
        let otherPrefix = "note: panic did not contain expected string"
        guard
            let index = lines.lastIndex(where: { $0.hasPrefix(prefix) || $0.hasPrefix(otherPrefix) }
            )
        else { return nil }
        let rest = lines[index...].prefix { !$0.isEmpty }
        return rest.joined(separator: "\n").dropFirst("note: ".count).description
    }

    /// The first line with something on it: the error that a test returned, or a compiler's.
    private static func firstWords(in lines: [String]) -> String {
        lines.last { $0.hasPrefix("Error: ") } ?? lines.first { !$0.isEmpty } ?? ""
    }

    /// "src/lib.rs:9" for `src/lib.rs - add (line 9)`; nil where the name is not a documentation test's.
    private static func documentationPlace(_ name: String) -> String? {
        guard name.hasSuffix(")"), let line = name.ranges(of: "(line ").last,
            let file = name.firstRange(of: " - ")
        else { return nil }
        let number = name[line.upperBound...].dropLast()
        guard Int(number) != nil else { return nil }
        return "\(name[..<file.lowerBound]):\(number)"
    }
}
