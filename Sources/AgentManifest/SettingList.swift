/// Lists every setting of a configuration with the value that counts and where it was said.
struct SettingList {
    private(set) var settings: [EffectiveSetting] = []
    private let sources: ConfigurationSources

    /// Makes the list.
    ///
    /// - Parameters:
    ///   - configuration: The configuration.
    ///   - sources: What it was read from.
    init(_ configuration: FleetConfiguration, from sources: ConfigurationSources) {
        self.sources = sources
        add(configuration.client)
        add(configuration.supervisor)
        add(configuration.sessions)
        addLists(configuration)
        for agent in configuration.agents { add(agent) }
    }

    private mutating func add(
        _ path: [String], _ value: ConfigurationValue, _ origin: SettingOrigin? = nil
    ) {
        settings.append(
            EffectiveSetting(path: path, value: value, origin: origin ?? sources.origin(of: path)))
    }

    private mutating func add(_ client: ClientSettings) {
        add(["client", "address"], .string(client.address))
        add(["client", "connect_timeout_ms"], .milliseconds(client.connectTimeout))
        add(["client", "request_timeout_ms"], .milliseconds(client.requestTimeout))
        add(["client", "max_retries"], .integer(client.maxRetries))
        add(["client", "pool_connections"], .boolean(client.poolConnections))
    }

    private mutating func add(_ supervisor: SupervisorSettings) {
        add(["supervisor", "addresses"], .strings(supervisor.addresses.map(\.description)))
        let metrics = supervisor.metricsAddress?.description
        add(["supervisor", "metrics_address"], .string(metrics ?? "off"))
        add(["supervisor", "allowed_users"], .integers(supervisor.allowed.users))
        add(["supervisor", "allowed_groups"], .integers(supervisor.allowed.groups))
        let directories = supervisor.directories
        for (key, directory, variables) in [
            ("state_dir", directories.state, ServiceDirectories.stateVariables),
            ("runtime_dir", directories.runtime, ServiceDirectories.runtimeVariables),
        ] {
            let path = ["supervisor", key]
            add(path, .string(directory), sources.origin(of: path, orVariables: variables))
        }
        // The default directories need not exist, but those that a file names must: only what was said.
        let path = ["supervisor", "manifest_dirs"]
        let origin = sources.origin(of: path)
        if origin != .byDefault { add(path, .strings(sources.manifestDirectories), origin) }
    }

    private mutating func add(_ sessions: SessionSettings) {
        add(["sessions", "lease"], .duration(sessions.lease))
        add(["sessions", "grace"], .duration(sessions.grace))
        add(["sessions", "idle_timeout"], .duration(sessions.idleTimeout))
        for (client, agents) in sessions.prewarm.sorted(by: { $0.key < $1.key }) {
            add(["sessions", "prewarm", client], .strings(agents.map(\.rawValue)))
        }
    }

    private mutating func addLists(_ configuration: FleetConfiguration) {
        add(["agents", "start"], .string(configuration.start.rawValue))
        for (key, start) in [
            ("run_on_connection", StartPolicy.connection), ("on_demand", .demand),
        ] {
            let names = configuration.agents.filter { $0.start == start }.map(\.id.rawValue)
            add(["agents", key], .strings(names))
        }
    }

    private mutating func add(_ agent: AgentManifest) {
        func path(_ keys: String...) -> [String] { ["agents", agent.id.rawValue] + keys }
        add(path("exec"), .string(agent.executable))
        add(path("args"), .strings(agent.arguments))
        add(path("port"), .integer(Int(agent.port)))
        add(path("listen"), .string(agent.listen.rawValue))
        for (name, value) in agent.environment.sorted(by: { $0.key < $1.key }) {
            // A manifest and an override may use either word; the shorter one has the last one.
            let origin = sources.origin(of: path("env", name))
            add(
                path("env", name), .string(value),
                origin == .byDefault ? sources.origin(of: path("environment", name)) : origin)
        }
        add(path("grace"), .duration(agent.gracePeriod))
        add(path("start_timeout"), .duration(agent.startTimeout))
        add(path("probes", "interval"), .duration(agent.probes.interval))
        add(path("probes", "timeout"), .duration(agent.probes.timeout))
        add(path("probes", "threshold"), .integer(agent.probes.threshold))
        add(path("probes", "busy_timeout"), .duration(agent.probes.busyTimeout))
        let limits = [
            ("memory", agent.limits.memory), ("processes", agent.limits.processes),
            ("open_files", agent.limits.openFiles), ("cpu_weight", agent.limits.cpuWeight),
            ("oom_score_adjust", agent.limits.oomScoreAdjust),
        ]
        for case (let key, let limit?) in limits { add(path("limits", key), .integer(limit)) }
    }
}

extension ConfigurationValue {
    fileprivate static func duration(_ duration: Duration) -> Self {
        .string(DurationText.format(duration))
    }

    fileprivate static func milliseconds(_ duration: Duration) -> Self {
        .integer(Int(duration / .milliseconds(1)))
    }

    fileprivate static func strings(_ texts: [String]) -> Self {
        .array(texts.map { .string($0) })
    }

    fileprivate static func integers(_ numbers: Set<UInt32>) -> Self {
        .array(numbers.sorted().map { .integer(Int($0)) })
    }
}
