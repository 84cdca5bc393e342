internal import AgentAPI

/// A piece of a running operation's output.
public struct AgentChunk: Sendable, Hashable {
    /// What a chunk holds.
    public enum Kind: Sendable, Hashable {
        /// A line of a program's standard output.
        case output
        /// A line of a program's standard error.
        case errorOutput
        /// How far it is, as `12/34 what`.
        case progress
        /// The end: what the operation answered.
        case result(Outcome)
    }

    /// What the last chunk tells.
    public struct Outcome: Sendable, Hashable {
        /// As ``AgentResult/success``.
        public var success: Bool
        /// As ``AgentResult/json``.
        public var json: String
        /// Where a program ran: its exit code, or 128 plus the signal that ended it.
        public var exitCode: Int32?
    }

    /// The agent that runs the operation.
    public var agent: String
    /// Counts the chunks of a call from 0, without gaps.
    public var sequence: UInt64
    /// What the chunk holds.
    public var kind: Kind
    /// The text, with its line ending where the program wrote one.
    public var text: String
    /// Whether bytes that were not UTF-8 were replaced by U+FFFD in ``text``.
    public var textWasReplaced: Bool

    init(_ message: Op_Agents_V1_ExecuteStreamResponse) {
        agent = message.agentID
        sequence = message.sequence
        text = message.content
        textWasReplaced = message.contentReplaced
        kind =
            switch message.streamType {
            case _ where message.isFinal:
                .result(
                    Outcome(
                        success: message.success, json: message.resultJson,
                        exitCode: message.hasExitCode ? message.exitCode : nil))
            case .stderr: .errorOutput
            case .progress: .progress
            // A kind that a later version of the fleet knows is shown rather than lost.
            default: .output
            }
    }
}
