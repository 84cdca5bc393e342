import AgentRuntime

/// What a search is to find.
struct SearchQuery: Sendable, Hashable {
    let namespace: String
    /// The words as an FTS5 expression: each a phrase, so that nothing in them is an operator.
    let expression: String
    let limit: Int
    /// Leave out what scores less.
    let minimumScore: Double

    /// Checks a query.
    ///
    /// - Parameters:
    ///   - text: Words; all of them must occur, the last one may be the beginning of a word. Letters and digits
    ///     count, case and diacritics do not.
    ///   - limit: 1 to ``MemoryLimits/resultCount`` matches; 20 by default.
    ///   - minimumScore: 0 to 1; 0 by default.
    ///   - namespace: Empty means "default".
    /// - Throws: ``OperationError`` with `invalidArgument`.
    init(
        _ text: String, limit: Int = 20, minimumScore: Double = 0, namespace: String = ""
    ) throws(OperationError) {
        self.namespace = try EntryName.checked(namespace: namespace)
        self.limit = try MemoryLimits.checked(limit: limit)
        guard (0...1).contains(minimumScore) else {
            throw .invalid("min_score", "it is \(minimumScore)", "send 0 to 1")
        }
        self.minimumScore = minimumScore
        guard text.utf8.count <= MemoryLimits.queryBytes else {
            throw .invalid(
                "query", "it has \(text.utf8.count) bytes",
                "send at most \(MemoryLimits.queryBytes) bytes")
        }
        let words = text.unicodeScalars.split { $0.properties.isWhitespace || $0.endsWords }
            .filter { $0.contains(where: \.isOfWords) }
        guard !words.isEmpty else {
            throw .invalid("query", "it has no word", "send at least one letter or digit")
        }
        expression = words.map { "\"\(Substring($0))\"" }.joined(separator: " AND ") + "*"
    }
}

extension Unicode.Scalar {
    /// What would end a phrase of the expression, or the expression.
    fileprivate var endsWords: Bool { self == "\"" || self == "\0" }

    /// FTS5's unicode61 makes words of letters, numbers and private-use characters.
    fileprivate var isOfWords: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .decimalNumber, .letterNumber, .otherNumber, .privateUse:
            true
        default: false
        }
    }
}
