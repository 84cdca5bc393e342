import Testing

@testable import AgentClient

struct DeadlineTests {
    @Test func withoutLimitEverythingIsAllowed() {
        let deadline = Deadline(in: nil)
        #expect(deadline.remaining == nil)
        #expect(deadline.allows(.seconds(1_000_000)))
    }

    @Test func timeRunsOut() {
        let deadline = Deadline(in: .zero)
        #expect(deadline.remaining == .zero)
        #expect(!deadline.allows(.zero))
    }

    @Test func aWaitMustFit() throws {
        let deadline = Deadline(in: .seconds(60))
        #expect(deadline.allows(.seconds(30)))
        #expect(!deadline.allows(.seconds(61)))
        #expect(try #require(deadline.remaining) <= .seconds(60))
    }
}
