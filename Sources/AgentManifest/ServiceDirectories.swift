/// Where the fleet keeps what must last and what must not.
package struct ServiceDirectories: Equatable, Sendable {
    /// What survives a reboot: databases.
    package var state: String
    /// What does not: sockets and sessions.
    package var runtime: String

    /// The variables that say where state is, the first that is set.
    static let stateVariables = ["STATE_DIRECTORY", "XDG_STATE_HOME", "HOME"]
    /// The variables that say where the rest is, the first that is set.
    static let runtimeVariables = ["RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"]

    /// Names two directories.
    ///
    /// - Parameters:
    ///   - state: What survives a reboot.
    ///   - runtime: What does not.
    package init(state: String, runtime: String) {
        self.state = state
        self.runtime = runtime
    }

    /// Finds the directories that the environment asks for.
    ///
    /// State is `$STATE_DIRECTORY` (systemd.exec(5); the first, where it lists several), else
    /// `$XDG_STATE_HOME/op-agents`, else `~/.local/state/op-agents`; the runtime directory is
    /// `$RUNTIME_DIRECTORY`, else `$XDG_RUNTIME_DIR/op-agents`, else one under `/tmp` that is named
    /// after the user, since a session without a login has no better place.
    ///
    /// - Parameters:
    ///   - environment: The environment's variables.
    ///   - userID: The user that the supervisor runs as.
    package init(environment: [String: String], userID: UInt32) {
        func value(_ name: String) -> String? {
            guard let value = environment[name], !value.isEmpty else { return nil }
            return value
        }
        func firstPath(_ name: String) -> String? {
            value(name)?.split(separator: ":").first.map(String.init)
        }
        state =
            firstPath("STATE_DIRECTORY")
            ?? value("XDG_STATE_HOME").map { $0 + "/op-agents" }
            ?? value("HOME").map { $0 + "/.local/state/op-agents" }
            ?? "/var/lib/op-agents"
        runtime =
            firstPath("RUNTIME_DIRECTORY")
            ?? value("XDG_RUNTIME_DIR").map { $0 + "/op-agents" }
            ?? "/tmp/op-agents-\(userID)"
    }
}
