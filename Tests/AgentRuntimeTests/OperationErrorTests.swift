import AgentRuntime
import GRPCCore
import Testing

struct OperationErrorTests {
    @Test(
        arguments: [
            (.invalidArgument, .invalidArgument), (.notFound, .notFound),
            (.alreadyExists, .alreadyExists),
            (.aborted, .aborted), (.failedPrecondition, .failedPrecondition),
            (.permissionDenied, .permissionDenied), (.resourceExhausted, .resourceExhausted),
            (.deadlineExceeded, .deadlineExceeded), (.cancelled, .cancelled),
            (.unimplemented, .unimplemented), (.unavailable, .unavailable), (.dataLoss, .dataLoss),
            (.internal, .internalError),
        ] as [(OperationError.Code, RPCError.Code)])
    func eachCodeIsAStatus(code: OperationError.Code, status: RPCError.Code) {
        let error = RPCError(OperationError(code, "why"))
        #expect(error.code == status)
        #expect(error.message == "why")
    }
}
