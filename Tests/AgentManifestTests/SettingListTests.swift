import Testing

@testable import AgentManifest

struct SettingListTests {
    private let folder: ConfigurationFolder

    init() throws { folder = try ConfigurationFolder() }

    private func loader(
        _ text: String, environment: [String: String] = ["HOME": "/home/op"]
    ) throws -> FleetConfigurationLoader {
        FleetConfigurationLoader(
            file: try folder.write("grpc.toml", text), environment: environment,
            executableDirectory: folder.path + "/bin", userID: 1000)
    }

    private func origin(_ key: String, in settings: [EffectiveSetting]) -> String? {
        settings.first { ConfigurationValue.keyText($0.path[...]) == key }?.origin.description
    }

    @Test func eachValueHasItsOrigin() throws {
        try folder.writeAgent(
            "memory", port: 50052, more: "[environment]\nA = \"1\"\nB = \"2\"\n")
        let settings = try loader(
            """
            [supervisor]
            manifest_dirs = ["agents"]
            [agents.memory]
            grace = "3s"
            env = { B = "3" }
            """, environment: ["HOME": "/home/op", "RUNTIME_DIRECTORY": "/run/fleet"]
        ).loadSettings()
        let file = folder.path + "/grpc.toml"
        let manifest = folder.path + "/agents/memory/agent.toml"
        #expect(origin("client.max_retries", in: settings) == "default")
        #expect(origin("supervisor.manifest_dirs", in: settings) == "\(file):2")
        #expect(origin("supervisor.state_dir", in: settings) == "$HOME")
        #expect(origin("supervisor.runtime_dir", in: settings) == "$RUNTIME_DIRECTORY")
        #expect(origin("agents.memory.grace", in: settings) == "\(file):4")
        #expect(origin("agents.memory.port", in: settings) == "\(manifest):3")
        #expect(origin("agents.memory.env.A", in: settings) == "\(manifest):5")
        #expect(origin("agents.memory.env.B", in: settings) == "\(file):5")
        #expect(origin("agents.memory.probes.interval", in: settings) == "default")
    }

    @Test func whatIsShownIsTheSameConfiguration() throws {
        try folder.writeAgent("memory", port: 50052, more: "[environment]\nA = \"a \\\"b\\\"\"\n")
        try folder.writeAgent("other", port: 50099, more: "start = \"demand\"\n")
        let first = try loader(
            """
            [client]
            max_retries = 7
            [supervisor]
            manifest_dirs = ["agents"]
            allowed_users = [0]
            metrics_address = "off"
            [sessions]
            grace = "0s"
            prewarm = { "a client" = ["other"] }
            [agents.memory]
            args = ["--log-level", "debug"]
            limits = { memory = "512MiB", open_files = 99 }
            probes = { threshold = 9 }
            """)
        var text = ""
        var table: [String] = []
        for setting in try first.loadSettings() {
            if setting.table != table { text += setting.header + "\n" }
            table = setting.table
            text += "\(setting.line)  # \(setting.origin)\n"
        }
        // All but the notes: lists that are written out lack nobody.
        var expected = try first.load()
        expected.notes = []
        #expect(try loader(text).load() == expected)
    }

    @Test(arguments: [
        (ConfigurationValue.string("a\"b\\c\nd\u{1}"), #""a\"b\\c\nd\u0001""#),
        (.array([.integer(1), .boolean(true)]), "[1, true]"),
        (.table(["b": .integer(2), "a c": .integer(1)]), #"{"a c" = 1, b = 2}"#),
    ])
    func valuesAreWrittenAsTOML(value: ConfigurationValue, text: String) {
        #expect(value.text == text)
    }
}
