/// The last line of a test program:
/// `test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.13s`.
struct TestSummary: Sendable, Hashable {
    var passed = 0
    var failed = 0
    var ignored = 0
    var filteredOut = 0

    /// Reads the line; nil where it is another.
    init?(_ line: String) {
        let prefix = "test result: "
        guard line.hasPrefix(prefix), let sentence = line.firstRange(of: ". ") else { return nil }
        for part in line[sentence.upperBound...].split(separator: ";") {
            let words = part.split(separator: " ", maxSplits: 1)
            guard words.count == 2, let count = Int(words[0]) else { continue }
            switch words[1] {
            case "passed": passed = count
            case "failed": failed = count
            case "ignored": ignored = count
            case "filtered out": filteredOut = count
            default: break
            }
        }
    }
}
