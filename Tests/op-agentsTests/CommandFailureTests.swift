import AgentClient
import GRPCCore
import Testing

@testable import op_agents

struct CommandFailureTests {
    @Test func whoCannotBeReachedComesWithTheRemedy() {
        let failure = CommandFailure(
            AgentCallError(
                .unavailable, "cannot reach the supervisor at 127.0.0.1:50050: connection refused",
                wasSent: false))
        #expect(failure.status == .unreachable)
        #expect(
            failure.message == """
                cannot reach the supervisor at 127.0.0.1:50050: connection refused; start it with \
                `op-supervisor` or `systemctl start op-supervisor`, or give --address
                """)
    }

    @Test(arguments: [
        (RPCError.Code.notFound, "NOT_FOUND: cannot find it"),
        (.unavailable, "UNAVAILABLE: cannot find it"),
        (.internalError, "INTERNAL: cannot find it"),
        // The server's sentence says the remedy.
        (.permissionDenied, "PERMISSION_DENIED: cannot find it"),
    ])
    func aRefusalShowsItsStatus(code: RPCError.Code, message: String) {
        let failure = CommandFailure(AgentCallError(code, "cannot find it"))
        #expect(failure == CommandFailure(status: .refused, message: message))
    }

    @Test func anAddressThatIsNoneIsAWrongCommandLine() {
        let failure = CommandFailure(
            AgentCallError(.invalidArgument, "cannot use the address x", wasSent: false))
        #expect(
            failure == CommandFailure(status: .usage, message: "cannot use the address x"))
    }
}
