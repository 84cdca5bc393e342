import Glibc

/// Runs small programs for what they print.
enum ProgramOutput {
    /// Runs a program to its end; blocks until then.
    ///
    /// - Parameters:
    ///   - words: The program and its arguments.
    ///   - environment: All of its environment; by default this process's.
    /// - Returns: Its standard output; `nil` where it could not be run or did not succeed.
    static func text(_ words: [String], environment: [String: String]? = nil) -> String? {
        var command = words.map(ShellWord.quoted)
        if let environment {
            let variables = environment.map { ShellWord.quoted("\($0.key)=\($0.value)") }
            command = ["env", "-i"] + variables + command
        }
        let line = command.joined(separator: " ") + " 2>/dev/null </dev/null"
        guard let pipe = popen(line, "re") else { return nil }
        let text = SmallFile.text(pipe)
        return pclose(pipe) == 0 ? text : nil
    }
}
