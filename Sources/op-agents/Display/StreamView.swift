import AgentClient
import FoundationEssentials

/// A running operation's output as a person follows it.
struct StreamView {
    /// What goes where.
    struct Piece: Equatable {
        var output = ""
        var error = ""
    }

    /// Erases the line that the cursor is in (ECMA-48 8.3.41).
    private static let eraseLine = "\r\u{1B}[K"

    private let progressWidth: Int?
    private let palette: Palette
    private var hasProgressLine = false

    /// Creates the view.
    ///
    /// - Parameters:
    ///   - progressWidth: How many characters of progress a terminal's line holds; nil where standard error is
    ///     none, which could not take a line back.
    ///   - palette: Paints what goes to standard error.
    init(progressWidth: Int?, palette: Palette) {
        self.progressWidth = progressWidth
        self.palette = palette
    }

    /// Turns a chunk into what to write.
    ///
    /// - Parameter chunk: The next chunk.
    /// - Returns: What to write to standard error first, then to standard output.
    mutating func take(_ chunk: AgentChunk) -> Piece {
        if chunk.kind == .progress {
            guard let progressWidth else { return Piece() }
            hasProgressLine = true
            // A line that wraps could not be erased as one.
            let text = String(chunk.text.printable.prefix(progressWidth - 1))
            return Piece(error: Self.eraseLine + palette.paint(text, .faint))
        }
        var piece = Piece()
        if hasProgressLine {
            piece.error = Self.eraseLine
            hasProgressLine = false
        }
        switch chunk.kind {
        case .output: piece.output = chunk.text
        case .errorOutput: piece.error += chunk.text
        case .progress: break
        case .result(let outcome):
            let mark =
                outcome.success ? palette.paint("ok", .good) : palette.paint("failed", .bad)
            let summary = Self.summary(of: outcome)
            piece.error += mark + (summary.isEmpty ? "" : ": \(summary.printable)") + "\n"
        }
        return piece
    }

    private static func summary(of outcome: AgentChunk.Outcome) -> String {
        struct Summary: Decodable {
            var summary: String?
        }
        let decoded = try? JSONDecoder().decode(Summary.self, from: Data(outcome.json.utf8))
        if let summary = decoded?.summary { return summary }
        return outcome.exitCode.map { "exit code \($0)" } ?? ""
    }
}
