extension Diagnostic {
    /// What a compiler's message says; nil where it only speaks about other messages.
    init?(_ message: CompilerMessage) {
        guard let level = Level(compilerLevel: message.level) else { return nil }
        let span = message.spans.first(where: \.isPrimary) ?? message.spans.first
        let isSummary =
            message.message.hasPrefix("aborting due to ") || message.message.hasSuffix(" emitted")
        if span == nil, message.code == nil, isSummary { return nil }
        self.init(
            level: level, code: message.code?.code ?? "",
            message: TerminalEscapes.removed(from: message.message),
            suggestion: message.children.compactMap(\.suggestion).first ?? "")
        if let place = span?.inSources {
            file = place.fileName
            line = place.line
            column = place.column
        }
    }
}

extension Diagnostic.Level {
    fileprivate init?(compilerLevel: String) {
        switch compilerLevel {
        case "error: internal compiler error": self = .error
        default: self.init(rawValue: compilerLevel)
        }
    }
}

extension CompilerMessage.Span {
    /// The place in the sources of the project: where a macro of the standard library is used, not where it is written.
    fileprivate var inSources: Self {
        guard fileName.hasPrefix("/rustc/") || fileName.hasPrefix("<") else { return self }
        return expansion?.span.inSources ?? self
    }
}

extension CompilerMessage {
    /// What this part of a message proposes to write: the reason, and the text between backquotes.
    fileprivate var suggestion: String? {
        guard level == "help" else { return nil }
        let replacements = spans.compactMap(\.suggestedReplacement).filter { !$0.isEmpty }
        let reason = TerminalEscapes.removed(from: message)
        guard !replacements.isEmpty else { return reason }
        return "\(reason): " + replacements.map { "`\($0)`" }.joined(separator: ", ")
    }
}
