private import FoundationEssentials

/// One line of cargo's `--message-format=json` (The Cargo Book, External tools).
struct CargoMessage: Decodable {
    /// What a line is about.
    enum Reason: String, Decodable {
        case compilerMessage = "compiler-message"
        case compilerArtifact = "compiler-artifact"
        case buildScriptExecuted = "build-script-executed"
        case buildFinished = "build-finished"
    }

    var reason: Reason
    /// Of a compiler message.
    var message: CompilerMessage?
    /// Of the end of a build.
    var success: Bool?

    /// Reads a line.
    ///
    /// - Parameter line: A line of cargo's standard output.
    /// - Returns: The message; nil where the line is something else.
    static func parse(_ line: ArraySlice<UInt8>) -> CargoMessage? {
        guard line.first == UInt8(ascii: "{") else { return nil }
        return try? JSONDecoder().decode(CargoMessage.self, from: Data(line))
    }
}

/// A diagnostic as the compiler writes it (The rustc book, JSON output).
struct CompilerMessage: Decodable {
    struct Code: Decodable {
        var code: String
    }

    struct Span: Decodable {
        var fileName: String
        var line: Int
        var column: Int
        var isPrimary: Bool
        var suggestedReplacement: String?
        var expansion: Expansion?

        enum CodingKeys: String, CodingKey {
            case fileName = "file_name"
            case line = "line_start"
            case column = "column_start"
            case isPrimary = "is_primary"
            case suggestedReplacement = "suggested_replacement"
            case expansion
        }
    }

    /// The use of the macro that a span comes from.
    final class Expansion: Decodable {
        let span: Span
    }

    var level: String
    var code: Code?
    var message: String
    var spans: [Span]
    var children: [CompilerMessage]
    /// As rustc would print it, with colours.
    var rendered: String?
}
