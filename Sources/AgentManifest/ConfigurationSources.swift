/// What a configuration was read from, to say where each of its values was said.
struct ConfigurationSources {
    /// The configuration file.
    let document: ConfigurationDocument
    /// Where the manifests were looked for.
    let manifestDirectories: [String]
    /// The manifests of the agents.
    let manifests: [AgentID: ConfigurationDocument]
    /// The environment's variables.
    let environment: [String: String]

    /// Where a setting was said: in the configuration, else in its agent's manifest.
    ///
    /// - Parameter path: The setting's key.
    /// - Returns: The default where it was said nowhere.
    func origin(of path: [String]) -> SettingOrigin {
        if let origin = document.origin(of: path) { return origin }
        guard path.count > 2, path[0] == "agents", let id = AgentID(rawValue: path[1]),
            let manifest = manifests[id],
            let origin = manifest.origin(of: Array(path.dropFirst(2)))
        else { return .byDefault }
        return origin
    }

    /// Where a directory was said: in the configuration, else in the environment.
    ///
    /// - Parameters:
    ///   - path: The setting's key.
    ///   - variables: The variables that count where the configuration says nothing, the first that is set.
    /// - Returns: The default where it was said nowhere.
    func origin(of path: [String], orVariables variables: [String]) -> SettingOrigin {
        if let origin = document.origin(of: path) { return origin }
        let variable = variables.first { environment[$0]?.isEmpty == false }
        return variable.map { .environment($0) } ?? .byDefault
    }
}

extension ConfigurationDocument {
    /// Where a key is said; `nil` where it is not.
    fileprivate func origin(of path: [String]) -> SettingOrigin? {
        var entries = root
        for key in path.dropLast() {
            guard case .table(let table)? = entries[key] else { return nil }
            entries = table
        }
        guard let last = path.last, entries[last] != nil else { return nil }
        return .file(file, line: line(of: path))
    }
}
