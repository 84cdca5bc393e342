import AgentAPI
import SwiftProtobuf
import Testing

@testable import op_agents

@Suite(.timeLimit(.minutes(1)))
struct EventFeedTests {
    private func event(_ sequence: UInt64) -> Op_Supervisor_V1_WatchEventsResponse {
        .with { $0.sequence = sequence }
    }

    @Test func manyEventsMakeOneChange() async {
        let feed = EventFeed()
        for sequence in 1...1000 { feed.add(event(UInt64(sequence))) }
        #expect(feed.lastSequence == 1000)
        var changes = feed.changes.makeAsyncIterator()
        await changes.next()
        #expect(feed.take().events.count == 1000)
        #expect(feed.take().events.isEmpty)
        feed.touch()
        await changes.next()
        #expect(feed.lastSequence == 1000)
        feed.beginAnew()
        #expect(feed.lastSequence == 0)
    }

    @Test func troubleIsSaidOnceAndOverWithTheNextEvent() {
        let feed = EventFeed()
        feed.breakOff("gone")
        #expect(feed.take().trouble == "gone")
        #expect(feed.take().trouble == nil)
        feed.breakOff("gone")
        feed.add(event(7))
        #expect(feed.take().trouble == nil)
    }
}
