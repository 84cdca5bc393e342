import AgentManifest
import ArgumentParser

/// The verb `config show`.
struct ConfigShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows every setting with the value that counts, and where that was said.",
        discussion: """
            What is shown is a configuration file itself, that says all of it. Behind each value stands its \
            origin: the file and line, the variable of the environment, or that it is the default.
            """)

    @Option(
        help: ArgumentHelp(
            "The configuration file.",
            discussion: "By default $OP_AGENTS_CONFIG, else /etc/op-dbus/grpc.toml.",
            valueName: "file"),
        completion: .file(extensions: ["toml"]))
    var config: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let settings: [EffectiveSetting]
        do {
            settings = try ProcessFacts.configurationLoader(file: config).loadSettings()
        } catch {
            StandardStream.error.writeLine("op-agents: \(error)")
            throw ExitStatus.down.exit
        }
        if json {
            let report = settings.map(SettingReport.init)
            StandardStream.output.writeLine(JSONLayout.indent(try Report.json(report)))
        } else {
            let palette = Palette(
                isTerminal: StandardStream.output.isTerminal, environment: ProcessFacts.environment)
            for line in SettingsView.lines(settings, palette) {
                StandardStream.output.writeLine(line)
            }
        }
    }
}
