/// An agent while its manifest and its overrides are read.
struct AgentDraft {
    private(set) var manifest: AgentManifest
    private let manifestReader: TableReader
    /// The tables that had the last word on the program and the port, for problems found later.
    private var executableReader: TableReader
    private var portReader: TableReader

    /// Reads an `agent.toml`.
    ///
    /// - Returns: `nil` if there is no valid id, exec or port, or they are all there but something
    ///   else is wrong; the log has the problems.
    init?(_ reader: TableReader) {
        let id = Self.identifier(reader)
        let executable = Self.require("exec", example: "\"op-agent-NAME\"", reader) {
            $0.string("exec")
        }
        let port = Self.require("port", example: "50062", reader) { $0.port("port") }
        guard let id, let executable, let port else {
            // What else is wrong should be said in the same pass.
            var rest = AgentManifest(id: "unnamed", executable: "", port: 1)
            rest.readIdentity(from: reader)
            rest.readSettings(from: reader)
            reader.reportUnknownKeys()
            return nil
        }
        manifest = AgentManifest(id: id, executable: executable, port: port)
        manifestReader = reader
        executableReader = reader
        portReader = reader
        manifest.readIdentity(from: reader)
        manifest.readSettings(from: reader)
        reader.reportUnknownKeys()
    }

    /// Where the manifest is, for problems of other manifests.
    var file: String { manifestReader.file }

    /// What the manifest is read from.
    var document: ConfigurationDocument { manifestReader.document }

    /// Where the port was said.
    var portPlace: String { portReader.place(of: "port") }

    /// Applies the overrides of an `[agents.NAME]` table.
    mutating func override(with reader: TableReader) {
        if let executable = reader.string("exec") {
            manifest.executable = executable
            executableReader = reader
        }
        if let port = reader.port("port") {
            manifest.port = port
            portReader = reader
        }
        manifest.readSettings(from: reader)
        reader.reportUnknownKeys()
    }

    /// Replaces the program's name by its absolute path, or reports that there is none.
    mutating func resolveExecutable(_ locator: ProgramLocator) {
        switch locator.locate(
            manifest.executable, relativeTo: TextFile.directory(of: executableReader.file))
        {
        case .success(let path):
            manifest.executable = path
        case .failure(let failure):
            executableReader.report(
                "exec", reason: failure.reason,
                remedy: "install the program or name another in agents.\(manifest.id).exec")
        }
    }

    /// Reports that something else has the port.
    func reportTakenPort(by other: String) {
        portReader.report(
            "port", reason: "\(manifest.port) is already the port of \(other)",
            remedy: "choose another in agents.\(manifest.id).port")
    }

    /// Reports that another manifest has the id.
    func reportTakenID(by other: String) {
        manifestReader.report(
            "id", reason: "\(other) describes \(manifest.id) too",
            remedy: "remove one of them, or change settings in [agents.\(manifest.id)]")
    }

    mutating func setStart(_ start: StartPolicy) { manifest.start = start }

    private static func identifier(_ reader: TableReader) -> AgentID? {
        let name = require("id", example: "\"memory\"", reader) { $0.string("id") }
        guard let name else { return nil }
        guard let id = AgentID(rawValue: name) else {
            reader.report(
                "id", reason: "\"\(name)\" is not a valid name",
                remedy: "use lower-case letters, digits and _, starting with a letter")
            return nil
        }
        return id
    }

    private static func require<Value>(
        _ key: String, example: String, _ reader: TableReader, _ read: (TableReader) -> Value?
    ) -> Value? {
        if !reader.has(key) {
            reader.report(key, reason: "it is missing", remedy: "add \(key) = \(example)")
        }
        return read(reader)
    }
}
