import AgentAPI

/// The command that runs an agent by hand, for a shell.
enum ManualCommandLine {
    /// Writes the command.
    ///
    /// - Parameters:
    ///   - answer: What the supervisor says of it.
    ///   - userID: Who is going to run it: somebody else becomes the user that the agent's state belongs to,
    ///     since files of another's would keep the agent from its own state.
    /// - Returns: One line that any POSIX shell takes.
    static func text(_ answer: Op_Supervisor_V1_AttachResponse, userID: UInt32) -> String {
        var words: [String] = []
        if userID != answer.userID { words += ["sudo", "-u", "#\(answer.userID)"] }
        words.append("env")
        words += answer.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        words += answer.command
        return words.map(ShellWord.quoted).joined(separator: " ")
    }
}
