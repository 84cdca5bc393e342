internal import GRPCCore

extension RPCError {
    /// What a call ends with that threw an error, as GRPCCore has it.
    init(mapping error: any Error) {
        self =
            RPCError(converting: error)
            ?? RPCError(
                code: .unknown, message: "Service method threw an unknown error.", cause: error)
    }

    /// The error itself, or what it converts to; nil where it says nothing of calls.
    init?(converting error: any Error) {
        switch error {
        case let error as RPCError: self = error
        case let error as any RPCErrorConvertible: self = RPCError(error)
        default: return nil
        }
    }
}
