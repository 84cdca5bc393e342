/// Finds, reads and checks the configuration of a fleet: its file and its agents' manifests.
package struct FleetConfigurationLoader: Sendable {
    /// The file that is read if it exists and no other is named.
    package static let defaultFile = "/etc/op-dbus/grpc.toml"
    /// Where the manifests of other programs lie.
    package static let localManifestDirectory = "/etc/op-dbus/agents.d"

    private let file: String?
    private let environment: [String: String]
    private let executableDirectory: String
    private let userID: UInt32

    /// Prepares to read a configuration.
    ///
    /// - Parameters:
    ///   - file: The file that the command line names, if any.
    ///   - environment: The environment's variables; `OP_AGENTS_CONFIG` names the file if the
    ///     command line does not.
    ///   - executableDirectory: The directory of the running program: agents' programs and
    ///     manifests are found from there.
    ///   - userID: The user that the supervisor runs as.
    package init(
        file: String?, environment: [String: String], executableDirectory: String, userID: UInt32
    ) {
        self.file = file
        self.environment = environment
        self.executableDirectory = executableDirectory
        self.userID = userID
    }

    /// Reads the configuration and every manifest.
    ///
    /// - Returns: A configuration that a fleet can be started with.
    /// - Throws: Everything that is wrong with it, at once.
    package func load() throws(ConfigurationError) -> FleetConfiguration { try read().0 }

    /// Reads the configuration and every manifest.
    ///
    /// - Returns: Every setting with the value that counts and where it was said, table by table.
    /// - Throws: Everything that is wrong with it, at once.
    package func loadSettings() throws(ConfigurationError) -> [EffectiveSetting] {
        let (configuration, sources) = try read()
        return SettingList(configuration, from: sources).settings
    }

    private func read() throws(ConfigurationError) -> (FleetConfiguration, ConfigurationSources) {
        let log = ProblemLog()
        let document: ConfigurationDocument
        do {
            document = try findDocument()
        } catch {
            throw ConfigurationError(problems: [error])
        }
        let root = TableReader(document, log: log)

        var client = ClientSettings()
        if let table = root.table("client") { client.read(from: table) }

        var supervisor = SupervisorSettings(
            directories: ServiceDirectories(environment: environment, userID: userID))
        let supervisorTable = root.table("supervisor")
        if let supervisorTable { supervisor.read(from: supervisorTable) }
        let manifestDirectories = manifestDirectories(supervisorTable)
        var drafts = readManifests(in: manifestDirectories, log: log)
        supervisorTable?.reportUnknownKeys()
        let installed = Set(drafts.map(\.manifest.id))

        let agentsTable = root.table("agents")
        let lists = AgentLists(agentsTable, agents: installed)
        let start = agentsTable?.choice("start", of: FleetStart.self) ?? .boot
        if let agentsTable { override(&drafts, with: agentsTable) }

        var sessions = SessionSettings()
        if let table = root.table("sessions") { sessions.read(from: table, agents: installed) }
        root.reportUnknownKeys()

        let locator = ProgramLocator(
            executableDirectory: executableDirectory, path: environment["PATH"] ?? "")
        for index in drafts.indices {
            drafts[index].resolveExecutable(locator)
            drafts[index].setStart(lists.start(of: drafts[index].manifest))
        }
        reportTakenPorts(drafts, supervisor: supervisor, supervisorTable)
        try log.throwIfAny()

        let configuration = FleetConfiguration(
            file: document.isFile ? document.file : nil, client: client, supervisor: supervisor,
            sessions: sessions, start: start, agents: lists.ordered(drafts.map(\.manifest)),
            notes: notes(lists, installed: installed))
        let manifests = drafts.map { ($0.manifest.id, $0.document) }
        return (
            configuration,
            ConfigurationSources(
                document: document, manifestDirectories: manifestDirectories,
                manifests: Dictionary(uniqueKeysWithValues: manifests),
                environment: environment)
        )
    }

    private func findDocument() throws(ConfigurationProblem) -> ConfigurationDocument {
        if let named = file ?? environment["OP_AGENTS_CONFIG"], !named.isEmpty {
            return try ConfigurationDocument(path: named)
        }
        guard TextFile.exists(Self.defaultFile) else { return ConfigurationDocument() }
        return try ConfigurationDocument(path: Self.defaultFile)
    }

    /// The directories to search; a directory that the file names must exist.
    private func manifestDirectories(_ reader: TableReader?) -> [String] {
        guard let reader, let named = reader.strings("manifest_dirs") else {
            return [
                executableDirectory + "/../share/op-agents/agents", Self.localManifestDirectory,
            ]
        }
        return named.map { name in
            let path = name.hasPrefix("/") ? name : TextFile.directory(of: reader.file) + "/" + name
            if !ManifestFiles.isDirectory(path) {
                reader.report(
                    "manifest_dirs", reason: "\(path) is not a directory",
                    remedy: "create it or name another")
            }
            return path
        }
    }

    private func readManifests(in directories: [String], log: ProblemLog) -> [AgentDraft] {
        var drafts: [AgentDraft] = []
        for path in directories.flatMap(ManifestFiles.find) {
            do {
                let document = try ConfigurationDocument(path: path)
                guard let draft = AgentDraft(TableReader(document, log: log)) else { continue }
                if let other = drafts.first(where: { $0.manifest.id == draft.manifest.id }) {
                    draft.reportTakenID(by: other.file)
                } else {
                    drafts.append(draft)
                }
            } catch {
                log.report(error)
            }
        }
        return drafts
    }

    private func override(_ drafts: inout [AgentDraft], with reader: TableReader) {
        let agents = Set(drafts.map(\.manifest.id))
        for name in reader.tableNames {
            guard let table = reader.table(name) else { continue }
            if let index = drafts.firstIndex(where: { $0.manifest.id.rawValue == name }) {
                drafts[index].override(with: table)
            } else {
                reader.reportUnknownAgent(name, in: name, agents: agents)
            }
        }
        reader.reportUnknownKeys(besides: agents.map(\.rawValue))
    }

    private func reportTakenPorts(
        _ drafts: [AgentDraft], supervisor: SupervisorSettings, _ reader: TableReader?
    ) {
        var owners: [UInt16: String] = [:]
        for address in supervisor.addresses {
            if let port = address.port { owners[port] = "the supervisor" }
        }
        if let port = supervisor.metricsAddress?.port {
            if let owner = owners[port] {
                reader?.report(
                    "metrics_address", reason: "\(port) is already the port of \(owner)",
                    remedy: "choose another, or \"off\"")
            }
            owners[port] = "the metrics"
        }
        for draft in drafts {
            if let owner = owners[draft.manifest.port] {
                draft.reportTakenPort(by: owner)
            } else {
                owners[draft.manifest.port] = "\(draft.manifest.id) (\(draft.portPlace))"
            }
        }
    }

    private func notes(_ lists: AgentLists, installed: Set<AgentID>) -> [String] {
        let missing = lists.notInstalled(installed)
        guard !missing.isEmpty else { return [] }
        return [
            "not installed, so not started: \(missing.map(\.rawValue).joined(separator: ", "))"
        ]
    }
}
