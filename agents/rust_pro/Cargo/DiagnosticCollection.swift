/// The diagnostics of one run: each once, all counted, a bounded number kept.
struct DiagnosticCollection: Sendable {
    /// How many are kept.
    static let limit = 200

    private(set) var errors = 0
    private(set) var warnings = 0
    private var total = 0
    private var kept: [Diagnostic.Level: [Diagnostic]] = [:]

    mutating func add(_ diagnostic: Diagnostic) {
        total += 1
        switch diagnostic.level {
        case .error: errors += 1
        case .warning: warnings += 1
        case .note, .help: break
        }
        if kept[diagnostic.level, default: []].count < Self.limit {
            kept[diagnostic.level, default: []].append(diagnostic)
        }
    }

    /// The worst first, in the order in which they came, at most ``limit``.
    var worst: [Diagnostic] {
        Array(Diagnostic.Level.allCases.flatMap { kept[$0] ?? [] }.prefix(Self.limit))
    }

    /// How many are counted but not among ``worst``.
    var omitted: Int { max(0, total - Self.limit) }
}
