package import ArgumentParser
package import Logging

/// The flags that all agents have.
package struct AgentOptions: ParsableArguments {
    @Option(help: "Listen on this port of 127.0.0.1; 0 lets the kernel choose one.")
    package var port: UInt16?

    @Option(
        name: .customLong("unix"),
        help: ArgumentHelp("Listen on this unix socket.", valueName: "path"))
    package var unixPath: String?

    @Option(
        name: .customLong("state-dir"),
        help: ArgumentHelp(
            "Keep state in this directory; by default below $STATE_DIRECTORY or "
                + "$XDG_STATE_HOME/op-agents.", valueName: "path"))
    package var stateDirectory: String?

    @Option(
        help: ArgumentHelp(
            "Log from this level on: trace, debug, info, notice, warning, error or critical.",
            valueName: "level"),
        transform: AgentOptions.level)
    package var logLevel: Logger.Level = .info

    package init() {}

    private static func level(_ text: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: text) else {
            throw ValidationError(
                "cannot log from the level \"\(text)\": it does not exist; use one of "
                    + Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return level
    }
}
