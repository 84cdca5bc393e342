import Testing

@testable import op_agents

struct FindingsViewTests {
    @Test func aRemedyStandsBelowWhatItIsFor() {
        let lines = FindingsView.lines(
            [.ok("kernel", "6.1"), .error("ports", "50052 is taken", remedy: "stop nginx")], .none)
        #expect(
            lines == [
                "ok       kernel  6.1", "error    ports   50052 is taken",
                "                 -> stop nginx", "", "1 errors, 0 warnings",
            ])
    }
}
