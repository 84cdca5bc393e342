import Testing

@testable import SupervisorRuntime

struct MemoryEventsTests {
    @Test func countsAreFoundByTheirNames() {
        let events = MemoryEvents("low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 1\n")
        #expect(events.limitReached == 3)
        #expect(events.killed == 2)
    }

    @Test(arguments: ["", "oom\n", "oom x\noom_kill -\n"])
    func whatIsNotThereDidNotHappen(text: String) {
        let events = MemoryEvents(text)
        #expect(events.limitReached == 0)
        #expect(events.killed == 0)
    }
}
