import AgentManifest
import Testing

@testable import Supervision

struct StartTurnsTests {
    @Test func aFewStartAtATimeInOrder() {
        var turns = StartTurns(most: 2)
        #expect(turns.take(["a", "b", "c", "d"]) == ["a", "b"])
        #expect(turns.end("b") == ["c"])
        #expect(turns.end("a") == ["d"])
        #expect(turns.end("c").isEmpty)
    }

    @Test func theEndOfATurnCountsOnce() {
        var turns = StartTurns(most: 1)
        #expect(turns.take(["a", "b", "c"]) == ["a"])
        #expect(turns.end("b").isEmpty, "it has had no turn yet")
        #expect(turns.end("a") == ["b"])
        #expect(turns.end("a").isEmpty)
        #expect(turns.end("b") == ["c"])
    }

    @Test func whoComesLaterWaitsBehindTheOthers() {
        var turns = StartTurns(most: 1)
        #expect(turns.take(["a", "b"]) == ["a"])
        #expect(turns.take(["c"]).isEmpty)
        #expect(turns.end("a") == ["b"])
        #expect(turns.end("b") == ["c"])
        #expect(turns.end("c").isEmpty)
        #expect(turns.take(["d"]) == ["d"])
    }
}
