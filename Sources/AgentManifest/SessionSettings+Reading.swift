extension SessionSettings {
    /// Reads the `[sessions]` table; what is not said stays as it is.
    ///
    /// - Parameters:
    ///   - reader: The table.
    ///   - agents: The agents that exist.
    mutating func read(from reader: TableReader, agents: Set<AgentID>) {
        lease = reader.duration("lease", in: .seconds(1) ... .seconds(24 * 3600)) ?? lease
        grace = reader.duration("grace", in: .zero ... .seconds(24 * 3600)) ?? grace
        idleTimeout =
            reader.duration("idle_timeout", in: .milliseconds(100) ... .seconds(24 * 3600))
            ?? idleTimeout
        if let table = reader.table("prewarm") { readPrewarm(from: table, agents: agents) }
        reader.reportUnknownKeys()
    }

    private mutating func readPrewarm(from reader: TableReader, agents: Set<AgentID>) {
        for client in reader.keys {
            prewarm[client] = (reader.strings(client) ?? []).compactMap { name in
                guard let id = AgentID(rawValue: name), agents.contains(id) else {
                    reader.reportUnknownAgent(name, in: client, agents: agents)
                    return nil
                }
                return id
            }
        }
    }
}

extension TableReader {
    /// Reports a name that is no agent's, with the agent that comes closest.
    func reportUnknownAgent(_ name: String, in key: String, agents: Set<AgentID>) {
        let names = agents.map(\.rawValue).sorted()
        let remedy =
            NearestName.nearest(to: name, among: names).map { "did you mean \($0)?" }
            ?? (names.isEmpty
                ? "no agent is installed; see supervisor.manifest_dirs"
                : "the agents here are \(names.joined(separator: ", "))")
        report(key, reason: "no manifest describes an agent \"\(name)\"", remedy: remedy)
    }
}
