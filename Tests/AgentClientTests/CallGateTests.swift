import Testing

@testable import AgentClient

@Suite(.timeLimit(.minutes(1)))
struct CallGateTests {
    @Test func anEmptyGateClosesAtOnce() async {
        let gate = CallGate()
        await gate.close()
        await gate.close()
        #expect(!gate.enter())
    }

    @Test func closingWaitsForTheLastCall() async {
        let gate = CallGate()
        #expect(gate.enter())
        #expect(gate.enter())
        let closed = Task { await gate.close() }
        gate.leave()
        // Closed to others as soon as the closing has begun, while one call still runs.
        while gate.enter() {
            gate.leave()
            await Task.yield()
        }
        gate.leave()
        await closed.value
    }
}
