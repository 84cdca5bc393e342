/// How far a build is, as cargo's progress bar says it: `    Building [====>      ] 3/12: syn, quote`.
struct CargoProgress: Sendable, Hashable {
    /// Units of work that are done, of those that cargo knows.
    var done: Int
    var total: Int
    /// What is being worked on, as cargo names it.
    var current: String

    /// Creates a progress.
    init(done: Int, total: Int, current: String) {
        self.done = done
        self.total = total
        self.current = current
    }

    /// Reads a progress bar.
    ///
    /// - Parameter line: A line of cargo's standard error that is drawn over.
    init?(bar line: String) {
        guard line.drop(while: { $0 == " " }).hasPrefix("Building ["),
            let barEnd = line.lastIndex(of: "]")
        else { return nil }
        let text = line[barEnd...].dropFirst()
        let parts = text.split(separator: ":", maxSplits: 1)
        guard let counts = parts.first?.split(separator: "/"), counts.count == 2,
            let done = Int(counts[0].filter { $0 != " " }),
            let total = Int(counts[1].filter { $0 != " " }), done <= total
        else { return nil }
        self.init(
            done: done, total: total,
            current: parts.count > 1 ? parts[1].split(separator: " ").joined(separator: " ") : "")
    }

    /// As it is shown: `3/12 syn, quote`.
    var text: String {
        current.isEmpty ? "\(done)/\(total)" : "\(done)/\(total) \(current)"
    }
}
