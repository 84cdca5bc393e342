import TOMLKit

/// A parsed TOML file that knows where its keys are.
struct ConfigurationDocument {
    /// The path, as problems show it.
    let file: String
    /// Whether there is a file, and not only the defaults.
    let isFile: Bool
    /// The entries outside of any table, tables among them.
    let root: [String: ConfigurationValue]
    private let locator: KeyLocator

    /// Parses a document.
    ///
    /// - Parameters:
    ///   - text: The document.
    ///   - file: The path that problems show.
    /// - Throws: The syntax error, with its line.
    init(_ text: String, file: String) throws(ConfigurationProblem) {
        do {
            root = ConfigurationValue.entries(of: try TOMLTable(string: text))
        } catch let error as TOMLParseError {
            throw ConfigurationProblem(
                file: file, line: error.source.begin.line, key: nil,
                message: "cannot read the file as TOML: \(error.description)")
        } catch {
            throw ConfigurationProblem(
                file: file, line: nil, key: nil,
                message: "cannot read the file as TOML: \(error)")
        }
        self.file = file
        isFile = true
        locator = KeyLocator(text)
    }

    /// Reads and parses a file.
    ///
    /// - Parameter path: The file's path.
    /// - Throws: Why the file cannot be read, or its syntax error.
    init(path: String) throws(ConfigurationProblem) {
        try self.init(try TextFile.read(path), file: path)
    }

    /// An empty document, for a fleet without a file.
    init() {
        file = "the defaults"
        isFile = false
        root = [:]
        locator = KeyLocator("")
    }

    /// The line of a key, or of the closest table that holds it.
    func line(of path: [String]) -> Int? { locator.line(of: path) }
}
