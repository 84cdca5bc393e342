package import GRPCCore

/// The one place where an operation's error becomes a status: typed services throw the error as it is.
extension OperationError: RPCErrorConvertible {
    package var rpcErrorCode: RPCError.Code {
        switch code {
        case .invalidArgument: .invalidArgument
        case .notFound: .notFound
        case .alreadyExists: .alreadyExists
        case .aborted: .aborted
        case .failedPrecondition: .failedPrecondition
        case .permissionDenied: .permissionDenied
        case .resourceExhausted: .resourceExhausted
        case .deadlineExceeded: .deadlineExceeded
        case .cancelled: .cancelled
        case .unimplemented: .unimplemented
        case .unavailable: .unavailable
        case .dataLoss: .dataLoss
        case .internal: .internalError
        }
    }

    package var rpcErrorMessage: String { message }

    /// The status says it all.
    package var rpcErrorCause: (any Error)? { nil }
}
