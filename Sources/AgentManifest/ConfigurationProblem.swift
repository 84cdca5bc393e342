/// One thing that is wrong in a configuration file, and what to do about it.
package struct ConfigurationProblem: Error, Hashable, Sendable {
    /// The file.
    package let file: String
    /// The line, from 1; `nil` where the file as a whole is meant.
    package let line: Int?
    /// The key with its tables, such as `agents.memory.port`; `nil` where no key is meant.
    package let key: String?
    /// What cannot be done, why, and the remedy: one sentence that starts with "cannot".
    package let message: String
}

extension ConfigurationProblem: CustomStringConvertible {
    /// The problem as compilers print theirs: `file:line: message`.
    package var description: String {
        guard let line else { return "\(file): \(message)" }
        return "\(file):\(line): \(message)"
    }
}
