/// The lists of `[agents]` that say which agents are warm from the start.
struct AgentLists {
    /// What runs on connection unless the file says otherwise.
    static let defaultRunOnConnection: [AgentID] = [
        "rust_pro", "backend_architect", "sequential_thinking", "memory", "context_manager",
    ]
    /// What is started on demand unless the file says otherwise.
    static let defaultOnDemand: [AgentID] = [
        "mem0", "search_specialist", "python_pro", "debugger", "deployment", "prompt_engineer",
    ]

    private let runOnConnection: [AgentID]?
    private let onDemand: [AgentID]?

    /// Reads the lists; names without a manifest and names in both lists are problems.
    init(_ reader: TableReader?, agents: Set<AgentID>) {
        runOnConnection = reader?.agents("run_on_connection", among: agents)
        onDemand = reader?.agents("on_demand", among: agents)
        for id in onDemand ?? [] where runOnConnection?.contains(id) == true {
            reader?.report(
                "on_demand", reason: "\(id) is in run_on_connection too",
                remedy: "keep it in one of the two")
        }
    }

    /// When an agent is started.
    ///
    /// The file's lists come first; a file that lists what runs on connection means that nothing
    /// else does. Then come the default lists, and last the manifest's own word.
    func start(of manifest: AgentManifest) -> StartPolicy {
        if let runOnConnection, runOnConnection.contains(manifest.id) { return .connection }
        if let onDemand, onDemand.contains(manifest.id) { return .demand }
        if runOnConnection != nil { return .demand }
        if Self.defaultRunOnConnection.contains(manifest.id) { return .connection }
        if Self.defaultOnDemand.contains(manifest.id) { return .demand }
        return manifest.start
    }

    /// Puts agents in the order in which they start: as listed, then by name.
    func ordered(_ manifests: [AgentManifest]) -> [AgentManifest] {
        let order =
            (runOnConnection ?? Self.defaultRunOnConnection) + (onDemand ?? Self.defaultOnDemand)
        func rank(_ manifest: AgentManifest) -> (Int, Int, AgentID) {
            (
                manifest.start == .connection ? 0 : 1,
                order.firstIndex(of: manifest.id) ?? order.count, manifest.id
            )
        }
        return manifests.sorted { rank($0) < rank($1) }
    }

    /// The agents of the default lists that have no manifest here.
    func notInstalled(_ installed: Set<AgentID>) -> [AgentID] {
        let expected =
            (runOnConnection == nil ? Self.defaultRunOnConnection : [])
            + (onDemand == nil ? Self.defaultOnDemand : [])
        return expected.filter { !installed.contains($0) }
    }
}

extension TableReader {
    fileprivate func agents(_ key: String, among agents: Set<AgentID>) -> [AgentID]? {
        guard let names = strings(key) else { return nil }
        var listed: [AgentID] = []
        for name in names {
            guard let id = AgentID(rawValue: name), agents.contains(id) else {
                reportUnknownAgent(name, in: key, agents: agents)
                continue
            }
            guard !listed.contains(id) else {
                report(key, reason: "\(id) is in it twice", remedy: "keep it once")
                continue
            }
            listed.append(id)
        }
        return listed
    }
}
