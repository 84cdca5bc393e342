/// Puts colour on text where a person sees it, and nowhere else.
struct Palette: Sendable {
    /// What a colour says.
    enum Style: String, Sendable {
        case plain = ""
        case heading = "1"
        case faint = "2"
        case bad = "31"
        case good = "32"
        case changing = "33"
    }

    private let isColoured: Bool

    /// Decides whether there is colour.
    ///
    /// - Parameters:
    ///   - isTerminal: Whether a person reads the text.
    ///   - environment: The environment's variables: a `NO_COLOR` that is not empty (no-color.org) and a `TERM`
    ///     that is `dumb` mean no colour.
    init(isTerminal: Bool, environment: [String: String]) {
        isColoured =
            isTerminal && environment["NO_COLOR", default: ""].isEmpty
            && environment["TERM"] != "dumb"
    }

    /// Puts a style on a text.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - style: The style.
    /// - Returns: The text with control sequences around it (ECMA-48 8.3.117), or as it was.
    func paint(_ text: String, _ style: Style) -> String {
        guard isColoured, style != .plain, !text.isEmpty else { return text }
        return "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m"
    }
}
