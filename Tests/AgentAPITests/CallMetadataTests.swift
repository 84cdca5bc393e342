import AgentAPI
import GRPCCore
import HTTP2Transport
import Testing

struct CallMetadataTests {
    private let now = ContinuousClock.now

    @Test
    func theRequestIDOfTheCallerIsKept() {
        #expect(CallMetadata(["op-request-id": "r-1"]).requestID == "r-1")
    }

    @Test(arguments: ["", String(repeating: "x", count: 129)])
    func aMissingOrOversizedRequestIDIsReplaced(id: String) {
        let metadata = CallMetadata(["op-request-id": .string(id)])
        #expect(!metadata.requestID.isEmpty)
        #expect(metadata.requestID != id)
        #expect(metadata.requestID != CallMetadata([:]).requestID)
    }

    @Test
    func whatGRPCAndHTTPKeepForThemselvesIsNotPassedOn() {
        var received: Metadata = [
            "op-request-id": "r-1", "grpc-timeout": "1S", "grpc-accept-encoding": "gzip",
            "content-type": "application/grpc", "te": "trailers", "user-agent": "x", "own": "value",
        ]
        received.addBinary([1, 2], forKey: "own-bin")
        let forwarded = CallMetadata(received).forwarded()
        #expect(Set(forwarded.map(\.key)) == ["own", "own-bin", "op-request-id"])
        #expect(Array(forwarded[binaryValues: "own-bin"]) == [[1, 2]])
        #expect(Array(forwarded[stringValues: "op-request-id"]) == ["r-1"])
    }

    @Test
    func theTimeThatIsLeftIsPassedOn() {
        let metadata = CallMetadata([:], deadline: now + .seconds(10))
        #expect(metadata.forwarded(now: now + .seconds(4)).callTimeout == .seconds(6))
        // It is over, and the next one is told so.
        #expect(metadata.forwarded(now: now + .seconds(40)).callTimeout == .nanoseconds(1))
        #expect(CallMetadata([:]).forwarded().callTimeout == nil)
    }
}
