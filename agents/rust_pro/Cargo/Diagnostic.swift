/// What rustc, clippy, rustdoc or cargo itself found.
struct Diagnostic: Sendable, Hashable {
    /// How bad it is, the worst first.
    enum Level: String, Sendable, Hashable, CaseIterable {
        case error
        case warning
        case note
        case help
    }

    var level: Level
    /// "E0308", or a lint's name; may be empty.
    var code = ""
    /// Relative to the workspace; empty where there is no place.
    var file = ""
    /// From 1; 0 where there is no place.
    var line = 0
    /// In characters, from 1; 0 where there is no place.
    var column = 0
    var message: String
    /// What to write instead; empty where nobody says it.
    var suggestion = ""

    /// "src/lib.rs:3:5", or nil where there is no place.
    var place: String? {
        file.isEmpty ? nil : "\(file):\(line):\(column)"
    }
}
