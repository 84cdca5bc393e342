import AgentManifest

/// Whether a fleet could be started with the configuration, the manifests and the programs that they name.
struct ConfigurationCheck: Check {
    let configuration: Result<FleetConfiguration, ConfigurationError>

    func findings() -> [Finding] {
        switch configuration {
        case .success(let configuration):
            let names = configuration.agents.map(\.id.rawValue).joined(separator: ", ")
            let file = configuration.file ?? "no file"
            guard !configuration.agents.isEmpty else {
                return [
                    .error(
                        "configuration", "\(file): there is no agent",
                        remedy: "install one, or name its directory in supervisor.manifest_dirs")
                ]
            }
            return [.ok("configuration", "\(file): \(names)")]
                + configuration.notes.map { .ok("configuration", $0) }
        case .failure(let error):
            return error.problems.map {
                .error("configuration", "\($0)", remedy: "correct it; op-agents config check")
            }
        }
    }
}
