/// A call that could not be carried out.
///
/// A compile error, a failing test or a miss is not one of these: it is an ``OperationResult`` whose
/// `success` is false.
package struct OperationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Why, as the gRPC status that a client gets.
    package enum Code: Sendable, Hashable {
        case invalidArgument
        case notFound
        case alreadyExists
        case aborted
        case failedPrecondition
        case permissionDenied
        case resourceExhausted
        case deadlineExceeded
        case cancelled
        case unimplemented
        case unavailable
        case dataLoss
        case `internal`
    }

    /// The status.
    package var code: Code
    /// One sentence: what was tried, on what, why it failed, and the remedy.
    package var message: String

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - code: The status.
    ///   - message: One sentence: what was tried, on what, why it failed, and the remedy.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
