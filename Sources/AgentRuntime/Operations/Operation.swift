/// One operation that an agent offers.
package struct Operation: Sendable {
    /// Carries the operation out.
    ///
    /// Throws ``OperationError`` where it could not be carried out.
    package typealias Body =
        @concurrent @Sendable (_ arguments: Arguments, _ context: CallContext) async throws
        -> OperationResult

    package var name: String
    package var aliases: [String]
    /// One line: what it does.
    package var description: String
    /// Writes output while it runs.
    package var isStreaming: Bool
    /// Changes nothing: safe to repeat, and identical calls in flight may share one run.
    package var isReadOnly: Bool
    package var arguments: [Argument]
    package var body: Body

    /// Creates an operation.
    ///
    /// - Parameters:
    ///   - name: Its snake_case name.
    ///   - aliases: Other names that are taken.
    ///   - description: One line: what it does.
    ///   - isStreaming: It writes output while it runs; false by default.
    ///   - isReadOnly: It changes nothing; false by default.
    ///   - arguments: What it takes. Anything else in a call is refused.
    ///   - body: Carries it out, with arguments that were checked, coerced and defaulted.
    package init(
        _ name: String, aliases: [String] = [], _ description: String, isStreaming: Bool = false,
        isReadOnly: Bool = false, arguments: [Argument], body: @escaping Body
    ) {
        self.name = name
        self.aliases = aliases
        self.description = description
        self.isStreaming = isStreaming
        self.isReadOnly = isReadOnly
        self.arguments = arguments
        self.body = body
    }
}
