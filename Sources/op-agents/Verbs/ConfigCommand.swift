import ArgumentParser

/// The verb `config`.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Looks at the configuration.",
        subcommands: [ConfigCheckCommand.self, ConfigShowCommand.self])
}
