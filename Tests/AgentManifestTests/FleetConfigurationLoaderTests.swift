import Testing

@testable import AgentManifest

struct FleetConfigurationLoaderTests {
    private let folder: ConfigurationFolder

    init() throws { folder = try ConfigurationFolder() }

    private func load(
        _ text: String, environment: [String: String] = [:]
    ) throws -> FleetConfiguration {
        let header = text.contains("[supervisor]") ? "" : "\n[supervisor]\nmanifest_dirs=['agents']"
        let file = try folder.write("grpc.toml", text + header)
        try folder.write("agents/README.md", "not a manifest")
        return try FleetConfigurationLoader(
            file: file, environment: environment, executableDirectory: folder.path + "/bin",
            userID: 1000
        ).load()
    }

    private func problems(_ text: String) throws -> [ConfigurationProblem] {
        do {
            _ = try load(text)
            Issue.record("the configuration was accepted")
            return []
        } catch let error as ConfigurationError {
            return error.problems
        }
    }

    @Test func withoutAFileAllIsDefault() throws {
        let configuration = try FleetConfigurationLoader(
            file: try folder.write("empty.toml", "[supervisor]\nmanifest_dirs = []"),
            environment: ["HOME": "/home/op"], executableDirectory: folder.path, userID: 7
        ).load()
        #expect(configuration.client.address == "http://127.0.0.1:50051")
        #expect(configuration.client.connectTimeout == .seconds(5))
        #expect(configuration.client.requestTimeout == .seconds(30))
        #expect(configuration.client.maxRetries == 3)
        #expect(configuration.client.poolConnections)
        #expect(configuration.supervisor.directories.state == "/home/op/.local/state/op-agents")
        #expect(configuration.supervisor.addresses.first == ListenAddress("127.0.0.1:50050"))
        #expect(configuration.agents.isEmpty)
        #expect(configuration.start == .boot)
    }

    @Test func anAgentIsDescribedByItsManifestAndItsOverrides() throws {
        try folder.writeAgent(
            "memory", port: 50052,
            more: """
                description = "Key-value memory"
                operations = ["remember", "recall"]
                grace = "5s"
                start = "connection"
                listen = "unix"
                [environment]
                A = "1"
                B = "2"
                [probes]
                interval = "2s"
                [limits]
                memory = "512MiB"
                open_files = 1024
                """)
        let configuration = try load(
            """
            [agents.memory]
            port = 40052
            grace = "250ms"
            env = { B = "3" }
            probes = { threshold = 5 }
            limits = { oom_score_adjust = -100, cpu_weight = 50 }
            """)
        var expected = AgentManifest(
            id: "memory", executable: folder.path + "/bin/op-agent-memory", port: 40052)
        expected.description = "Key-value memory"
        expected.operations = ["remember", "recall"]
        expected.gracePeriod = .milliseconds(250)
        expected.start = .connection
        expected.listen = .unix
        expected.environment = ["A": "1", "B": "3"]
        expected.probes.interval = .seconds(2)
        expected.probes.threshold = 5
        expected.limits.memory = 512 << 20
        expected.limits.openFiles = 1024
        expected.limits.oomScoreAdjust = -100
        expected.limits.cpuWeight = 50
        #expect(configuration.agents == [expected])
    }

    @Test func theFilesListsDecideWhatRunsOnConnection() throws {
        try folder.writeAgent("memory", port: 1001, more: "start = 'connection'")
        try folder.writeAgent("rust_pro", port: 1002, more: "start = 'connection'")
        try folder.writeAgent("echo", port: 1003)
        let configuration = try load("[agents]\nrun_on_connection = ['echo', 'memory']")
        #expect(configuration.agents.map(\.id) == ["echo", "memory", "rust_pro"])
        #expect(configuration.agents.map(\.start) == [.connection, .connection, .demand])
        #expect(configuration.notes.first?.contains("mem0") == true)
    }

    @Test func defaultAgentsWithoutAManifestAreANote() throws {
        try folder.writeAgent("memory", port: 1001)
        let configuration = try load("")
        #expect(configuration.agents.map(\.start) == [.connection])
        #expect(configuration.notes.count == 1)
        #expect(configuration.notes.first?.hasPrefix("not installed") == true)
    }

    @Test func severalProblemsAreReportedAtOnceWithTheirLines() throws {
        try folder.writeAgent("memory", port: 50052)
        try folder.writeAgent("echo", port: 50052)
        let found = try problems(
            """
            [client]
            max_retires = 3
            connect_timeout_ms = "fast"

            [agents]
            run_on_connection = ["memroy"]

            [agents.memory]
            grace = 5

            [sessions]
            lease = "15 minutes"

            [supervisor]
            manifest_dirs = ["agents"]
            addresses = ["127.0.0.1"]
            """)
        let places = found.map { "\($0.line ?? 0) \($0.key ?? "")" }
        #expect(
            places == [
                "3 port", "2 client.max_retires", "3 client.connect_timeout_ms",
                "6 agents.run_on_connection", "9 agents.memory.grace", "12 sessions.lease",
                "16 supervisor.addresses",
            ])
        #expect(found[0].file.hasSuffix("agents/memory/agent.toml"))
        #expect(found[1].message.contains("did you mean client.max_retries?"))
        #expect(found[3].message.contains("did you mean memory?"))
        #expect(found.allSatisfy { $0.message.hasPrefix("cannot use ") })
    }

    @Test(
        arguments: [
            ("[client]\naddress = 'somewhere'", 2, "client.address", "is not an address"),
            ("[client]\npool_connections = 1", 2, "client.pool_connections", "true or false"),
            ("[agents.memory]\nport = 0", 2, "agents.memory.port", "from 1 to 65535"),
            ("[agents.memory]\nport = 50050", 2, "agents.memory.port", "the supervisor"),
            ("[agents.memory]\nexec = 'nowhere'", 2, "agents.memory.exec", "is in none of"),
            ("[agents.memory]\nexec = '/no/where'", 2, "agents.memory.exec", "does not exist"),
            ("[agents.memory]\nlisten = 'tcp'", 2, "agents.memory.listen", "\"adopt\" or \"unix\""),
            ("[agents.memory]\nid = 'x'", 2, "agents.memory.id", "no such key"),
            ("[agents.memory.limits]\nmemory = '1KiB'", 2, "agents.memory.limits.memory", "size"),
            ("[agents.nobody]\nport = 1", 1, "agents.nobody", "no manifest"),
            ("[agents]\nstart = 'later'", 2, "agents.start", "\"boot\" or \"connection\""),
            ("[agents]\non_demand = ['memory', 'memory']", 2, "agents.on_demand", "twice"),
            ("[sessions.prewarm]\nchat = ['mem9']", 2, "sessions.prewarm.chat", "no manifest"),
            ("[nonsense]", 1, "nonsense", "no such key"),
        ])
    func aProblemSaysWhereAndWhy(text: String, line: Int, key: String, reason: String) throws {
        try folder.writeAgent("memory", port: 50052)
        let found = try problems(text)
        #expect(found.count == 1)
        #expect(found.first?.line == line)
        #expect(found.first?.key == key)
        #expect(found.first?.message.contains(reason) == true, "\(found)")
        #expect(found.first?.message.contains("; ") == true, "there is no remedy")
    }

    @Test func usersAndGroupsAreAllowedByNameOrNumber() throws {
        let supervisor = try load(
            """
            [supervisor]
            manifest_dirs = ['agents']
            allowed_users = ['root', 4000001, '4000002']
            allowed_groups = ['root', 4000003]
            """
        ).supervisor
        #expect(supervisor.allowed.users == [0, 4_000_001, 4_000_002])
        #expect(supervisor.allowed.groups == [0, 4_000_003])
    }

    @Test func nobodyIsAllowedByDefault() throws {
        #expect(try load("").supervisor.allowed == AllowedAccounts())
    }

    @Test(
        arguments: [
            ("allowed_users = ['adda', 'root']", "no user \"adda\"", "the name or number"),
            ("allowed_groups = ['nogroupofthatname']", "no group", "the name or number"),
            ("allowed_users = [-1]", "no user \"-1\"", "the name or number"),
            ("allowed_users = 'root'", "is not an array", "write an array"),
            ("allowed_groups = [true]", "is not an array", "write an array"),
        ])
    func anAccountThatIsNoneIsRefused(line: String, reason: String, remedy: String) throws {
        let found = try problems("[supervisor]\nmanifest_dirs = ['agents']\n\(line)")
        #expect(found.count == 1)
        #expect(found.first?.line == 3)
        #expect(found.first?.key == "supervisor.\(line.prefix { $0 != " " })")
        #expect(found.first?.message.contains(reason) == true, "\(found)")
        #expect(found.first?.message.contains(remedy) == true, "\(found)")
    }

    @Test(
        arguments: [
            ("", ListenAddress.tcp(host: "127.0.0.1", port: 9464)),
            ("metrics_address = '[::1]:9100'", .tcp(host: "::1", port: 9100)),
            ("metrics_address = 'unix:/run/metrics'", .unix(path: "/run/metrics")),
            ("metrics_address = 'off'", nil), ("metrics_address = ''", nil),
        ])
    func metricsAreServedWhereTheConfigurationSays(line: String, address: ListenAddress?) throws {
        let configuration = try load("[supervisor]\nmanifest_dirs = ['agents']\n\(line)")
        #expect(configuration.supervisor.metricsAddress == address)
    }

    @Test(
        arguments: [
            ("metrics_address = 'everywhere'", "is not an address", "127.0.0.1:50050"),
            ("metrics_address = 9464", "is not a string", "write a string"),
            ("metrics_address = '127.0.0.1:50050'", "port of the supervisor", "\"off\""),
        ])
    func anAddressForMetricsThatIsNoneIsRefused(
        line: String, reason: String, remedy: String
    ) throws {
        let found = try problems("[supervisor]\nmanifest_dirs = ['agents']\n\(line)")
        #expect(found.count == 1)
        #expect(found.first?.line == 3)
        #expect(found.first?.key == "supervisor.metrics_address")
        #expect(found.first?.message.contains(reason) == true, "\(found)")
        #expect(found.first?.message.contains(remedy) == true, "\(found)")
    }

    @Test func aSyntaxErrorHasItsLine() throws {
        let found = try problems("[client]\naddress = ")
        #expect(found.map(\.line) == [2])
    }

    @Test func aManifestWithoutItsNecessitiesSaysWhatToAdd() throws {
        try folder.write("agents/broken.toml", "description = 3\nprot = 1")
        let found = try problems("")
        #expect(Set(found.map(\.key)) == ["id", "exec", "port", "description", "prot"])
    }

    @Test func twoManifestsOfOneAgentAreRefused() throws {
        try folder.writeAgent("memory", port: 50052)
        try folder.write("agents/other.toml", "id='memory'\nexec='op-agent-memory'\nport=50053")
        let found = try problems("")
        #expect(found.count == 1)
        #expect(found.first?.message.contains("describes memory too") == true)
    }

    @Test func anAgentInBothListsIsRefused() throws {
        try folder.writeAgent("memory", port: 50052)
        let found = try problems(
            "[agents]\nrun_on_connection = ['memory']\non_demand = ['memory']")
        #expect(found.map(\.key) == ["agents.on_demand"])
    }

    @Test func theEnvironmentNamesTheFile() throws {
        let file = try folder.write("named.toml", "[client]\nmax_retries = 9\n")
        let configuration = try FleetConfigurationLoader(
            file: nil, environment: ["OP_AGENTS_CONFIG": file],
            executableDirectory: folder.path + "/bin", userID: 0
        ).load()
        #expect(configuration.client.maxRetries == 9)
        #expect(configuration.file == file)
    }

    @Test func aNamedFileMustExist() throws {
        let loader = FleetConfigurationLoader(
            file: folder.path + "/missing.toml", environment: [:], executableDirectory: "/",
            userID: 0)
        let error = #expect(throws: ConfigurationError.self) { try loader.load() }
        #expect(error?.problems.first?.message.contains("does not exist") == true)
    }

    @Test(arguments: [
        (["STATE_DIRECTORY": "/var/lib/op:/x", "HOME": "/h"], "/var/lib/op", "/tmp/op-agents-5"),
        (["XDG_STATE_HOME": "/s", "HOME": "/h"], "/s/op-agents", "/tmp/op-agents-5"),
        (["HOME": "/h", "RUNTIME_DIRECTORY": "/run/op"], "/h/.local/state/op-agents", "/run/op"),
        (
            ["HOME": "/h", "XDG_RUNTIME_DIR": "/run/user/5"], "/h/.local/state/op-agents",
            "/run/user/5/op-agents"
        ),
    ])
    func directoriesComeFromTheEnvironment(
        environment: [String: String], state: String, runtime: String
    ) {
        #expect(
            ServiceDirectories(environment: environment, userID: 5)
                == ServiceDirectories(state: state, runtime: runtime))
    }
}
