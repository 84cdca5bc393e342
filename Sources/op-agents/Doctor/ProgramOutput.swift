import Glibc

/// Runs small programs for what they print.
enum ProgramOutput {
    /// Debian's `nogroup`.
    private static let noGroup = 65534

    /// Runs a program to its end; blocks until then.
    ///
    /// - Parameters:
    ///   - words: The program and its arguments.
    ///   - environment: All of its environment; by default this process's.
    ///   - userID: Who it runs as, without any of this process's groups or its terminal; by default this
    ///     process's user. Another needs root.
    /// - Returns: Its standard output; `nil` where it could not be run or did not succeed.
    static func text(
        _ words: [String], environment: [String: String]? = nil, userID: UInt32? = nil
    ) -> String? {
        var command = words.map(ShellWord.quoted)
        if let environment {
            let variables = environment.map { ShellWord.quoted("\($0.key)=\($0.value)") }
            command = ["env", "-i"] + variables + command
        }
        if let userID {
            command =
                ["setsid", "--wait", "setpriv", "--reuid=\(userID)", "--regid=\(Self.noGroup)"]
                + ["--clear-groups", "--no-new-privs", "--"] + command
        }
        let line = command.joined(separator: " ") + " 2>/dev/null </dev/null"
        guard let pipe = popen(line, "re") else { return nil }
        let text = SmallFile.text(pipe)
        return pclose(pipe) == 0 ? text : nil
    }
}
