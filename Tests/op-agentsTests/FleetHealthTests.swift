import AgentAPI
import Testing

@testable import op_agents

struct FleetHealthTests {
    @Test(arguments: [
        (Op_Agents_V1_AgentState.serving, false, false), (.external, true, true),
        (.starting, true, false), (.stopped, true, false), (.draining, true, false),
        (.unhealthy, true, true), (.backingOff, true, true), (.degraded, true, true),
        (.unspecified, true, true),
    ])
    func anOnDemandAgentMayWait(
        state: Op_Agents_V1_AgentState, isDown: Bool, isDownOnDemand: Bool
    ) {
        #expect(FleetHealth.isDown(Fleet.agent(state)) == isDown)
        #expect(FleetHealth.isDown(Fleet.agent(state, onDemand: true)) == isDownOnDemand)
    }

    @Test func anAgentRunByHandIsUpWhileItAnswers() {
        #expect(!FleetHealth.isDown(Fleet.agent(.external) { $0.acceptsCalls = true }))
        #expect(FleetHealth.isDown(Fleet.agent(.external)))
    }

    @Test func oneAgentDownIsEnough() {
        #expect(FleetHealth.exitStatus(Fleet.status([])) == .fine)
        #expect(FleetHealth.exitStatus(Fleet.status([Fleet.agent(.serving)])) == .fine)
        #expect(
            FleetHealth.exitStatus(
                Fleet.status([Fleet.agent(.serving), Fleet.agent(.degraded, id: "rust_pro")]))
                == .down)
    }
}
