private import FoundationEssentials
internal import GRPCCore

extension Grpc_Testing_EchoStatus {
    /// Ends the call with this status, as the client asked.
    ///
    /// A code that gRPC does not know is UNKNOWN.
    func throwUnlessOK() throws(RPCError) {
        let status = Status(code: Status.Code(rawValue: Int(code)) ?? .unknown, message: message)
        if let error = RPCError(status: status) { throw error }
    }
}

extension Grpc_Testing_Payload {
    /// Bytes as a client asks for them.
    ///
    /// - Throws: `RPCError` with `invalidArgument` where there are no such bytes.
    init(_ type: Grpc_Testing_PayloadType, size: Int32) throws(RPCError) {
        guard type == .compressable, size >= 0 else {
            throw RPCError(
                code: .invalidArgument,
                message: "cannot answer with \(size) bytes of type \(type.rawValue)")
        }
        self.init(zeros: Int(size))
    }

    /// So many zero bytes.
    init(zeros count: Int) {
        self.init()
        body = Data(count: count)
    }
}
