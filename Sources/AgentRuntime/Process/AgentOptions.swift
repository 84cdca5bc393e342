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
        name: .customLong("allow-user"),
        help: ArgumentHelp(
            "Serve this user's calls too, beside those of root and of the user that runs the agent.",
            discussion: "A name or a number; may be given several times.", valueName: "user"))
    package var allowedUsers: [String] = []

    @Option(
        name: .customLong("allow-group"),
        help: ArgumentHelp(
            "Serve the calls of this group's members too.",
            discussion: "A name or a number; may be given several times.", valueName: "group"))
    package var allowedGroups: [String] = []

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
