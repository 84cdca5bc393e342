internal import GRPCCore

extension RPCError {
    /// What a call ends with that threw an error, as GRPCCore has it.
    init(mapping error: any Error) {
        switch error {
        case let error as RPCError: self = error
        case let error as any RPCErrorConvertible: self = RPCError(error)
        default:
            self = RPCError(
                code: .unknown, message: "Service method threw an unknown error.", cause: error)
        }
    }
}
