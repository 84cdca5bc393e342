/// What an operation answers: the envelope that all results share, and the operation's own fields.
package struct OperationResult: Sendable, Hashable {
    /// One line that a person can read; sent as `summary`.
    package var summary: String
    /// False where the operation was carried out and its answer is a failure, as of a build with errors.
    package var success: Bool
    /// One sentence where `success` is false; the summary where none is given.
    package var error: String?
    /// The exit code of the program that ran, or 128 plus the signal that ended it; nil where none ran.
    package var exitCode: Int32?
    /// The operation's own fields, by their snake_case names.
    package var fields: [String: JSONValue]

    /// Creates a result.
    ///
    /// - Parameters:
    ///   - summary: One line that a person can read.
    ///   - success: Whether the answer is a success; true by default.
    ///   - error: One sentence where it is not.
    ///   - exitCode: The exit code of the program that ran, if one did.
    ///   - fields: The operation's own fields, by their snake_case names.
    package init(
        summary: String, success: Bool = true, error: String? = nil, exitCode: Int32? = nil,
        fields: [String: JSONValue]
    ) {
        self.summary = summary
        self.success = success
        self.error = error
        self.exitCode = exitCode
        self.fields = fields
    }
}
