import AgentManifest
import ArgumentParser

/// The verb `config check`.
struct ConfigCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Says what is wrong with the configuration, without starting anything.",
        discussion: "Exits with 1 where something is wrong: file, line, key and remedy are printed."
    )

    @Option(
        help: ArgumentHelp(
            "The configuration file.",
            discussion: "By default $OP_AGENTS_CONFIG, else /etc/op-dbus/grpc.toml.",
            valueName: "file"))
    var config: String?

    func run() throws {
        let configuration: FleetConfiguration
        do {
            configuration = try ProcessFacts.configurationLoader(file: config).load()
        } catch {
            StandardStream.error.writeLine("op-agents: \(error)")
            throw ExitStatus.down.exit
        }
        let palette = Palette(
            isTerminal: StandardStream.output.isTerminal, environment: ProcessFacts.environment)
        for line in ConfigurationView.lines(configuration, palette) {
            StandardStream.output.writeLine(line)
        }
    }
}
