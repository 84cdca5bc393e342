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
        return words.map(quoted).joined(separator: " ")
    }

    /// A word as a shell reads it: in single quotes unless nothing in it has a meaning (POSIX XCU 2.2.2).
    private static func quoted(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.unicodeScalars.allSatisfy {
                $0.isASCII
                    && ($0.properties.isAlphabetic
                        || "0123456789_-./:=@%+,".unicodeScalars.contains($0))
            }
        return isPlain ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
    }
}
