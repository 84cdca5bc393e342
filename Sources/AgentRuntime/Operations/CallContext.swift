package import Logging

/// One call of an operation, as the operation sees it.
///
/// Cancellation is the task's own.
package struct CallContext: Sendable {
    /// The session of the call; nil outside any.
    package var sessionID: String?
    /// Follows the call through forwarding, in every log line.
    package var requestID: String
    /// Where lines of output and progress go while the operation runs.
    package var output: any OutputSink
    /// Carries session, operation and request id.
    package var logger: Logger

    /// Creates a context.
    ///
    /// - Parameters:
    ///   - sessionID: The session of the call; nil outside any.
    ///   - requestID: Follows the call through forwarding.
    ///   - output: Where output goes while the operation runs.
    ///   - logger: Carries session, operation and request id.
    package init(
        sessionID: String?, requestID: String, output: any OutputSink, logger: Logger
    ) {
        self.sessionID = sessionID
        self.requestID = requestID
        self.output = output
        self.logger = logger
    }
}

/// Which stream a piece of output belongs to.
package enum OutputStream: Sendable, Hashable {
    /// A program's standard output.
    case stdout
    /// A program's standard error.
    case stderr
    /// How far it is, as "12/34 what".
    case progress
}

/// Takes the output of a running operation.
package protocol OutputSink: Sendable {
    /// Passes on one piece of output; returns when the reader has room for more.
    ///
    /// - Parameters:
    ///   - bytes: Usually one line, with its line ending. Bytes that are not UTF-8 are replaced by U+FFFD, and the
    ///     chunk says so.
    ///   - stream: Which stream it belongs to.
    /// - Throws: `CancellationError`, or the transport's error where the reader is gone.
    func write(_ bytes: [UInt8], to stream: OutputStream) async throws
}
