package import GRPCCore

extension RPCError {
    /// The status that an error is answered with.
    ///
    /// - Parameter error: An `RPCError` or what converts to one is kept, `CancellationError` is CANCELLED, anything
    ///   else INTERNAL with its description.
    package init(anyError error: any Error) {
        switch error {
        case let error as RPCError:
            self = error
        case let error as any RPCErrorConvertible:
            self.init(error)
        case is CancellationError:
            self.init(
                code: .cancelled, message: "cannot finish the call: it was cancelled; call again")
        default:
            self.init(
                code: .internalError,
                message: "cannot finish the call: \(error); look at the agent's log", cause: error)
        }
    }
}
