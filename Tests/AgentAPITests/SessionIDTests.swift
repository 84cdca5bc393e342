import AgentAPI
import GRPCCore
import Testing

struct SessionIDTests {
    @Test(arguments: ["a", "op-chat:12.3_x", String(repeating: "x", count: 128)])
    func takesWhatTheContractAllows(id: String) throws {
        try SessionID.check(id)
    }

    @Test(arguments: ["", "a b", "ä", "a/b", "a\n", String(repeating: "x", count: 129)])
    func refusesTheRest(id: String) {
        #expect {
            try SessionID.check(id)
        } throws: { error in
            (error as? RPCError)?.code == .invalidArgument
        }
    }

    @Test
    func randomOnesAreAllowedAndDiffer() throws {
        let ids = (0..<100).map { _ in SessionID.random() }
        for id in ids { try SessionID.check(id) }
        #expect(Set(ids).count == ids.count)
        #expect(Set(ids.map(\.count)) == [34])
    }
}
