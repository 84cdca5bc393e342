import AgentAPI
import GRPCCore
import Testing

struct CallErrorTests {
    @Test(arguments: 1...16)
    func everyStatusTravelsInsideAMessage(code: Int) throws {
        let status = try #require(Status.Code(rawValue: code))
        let error = RPCError(code: try #require(RPCError.Code(status)), message: "why")
        let inside = Op_Agents_V1_CallError(error)
        #expect(inside.code.rawValue == code)
        #expect(RPCError(inside) == error)
    }

    @Test(arguments: [0, 99])
    func aCodeThatIsNotKnownIsUnknown(code: Int) throws {
        var inside = Op_Agents_V1_CallError()
        inside.code = try #require(Op_Agents_V1_StatusCode(rawValue: code))
        #expect(RPCError(inside).code == .unknown)
    }

    @Test
    func cancellationIsCancelledAndAnythingElseInternal() {
        struct Odd: Error {}
        #expect(RPCError(anyError: CancellationError()).code == .cancelled)
        #expect(RPCError(anyError: Odd()).code == .internalError)
        let own = RPCError(code: .aborted, message: "kept")
        #expect(RPCError(anyError: own) == own)
    }
}
