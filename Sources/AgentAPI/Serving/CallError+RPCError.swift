package import GRPCCore

extension Op_Agents_V1_CallError {
    /// An error that travels inside a message, in the place of the status of a call.
    ///
    /// - Parameter error: Converted as `RPCError(anyError:)` does.
    package init(_ error: any Error) {
        let error = RPCError(anyError: error)
        self.init()
        code = Op_Agents_V1_StatusCode(rawValue: error.code.rawValue) ?? .unknown
        message = error.message
    }
}

extension RPCError {
    /// The status that an error inside a message stands for.
    ///
    /// - Parameter error: As it travelled; a code that is not known, or not set, is UNKNOWN.
    package init(_ error: Op_Agents_V1_CallError) {
        let code = Status.Code(rawValue: error.code.rawValue).flatMap { RPCError.Code($0) }
        self.init(code: code ?? .unknown, message: error.message)
    }
}
