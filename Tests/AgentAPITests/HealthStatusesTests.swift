import AgentAPI
import Testing

@Suite(.timeLimit(.minutes(1)))
struct HealthStatusesTests {
    @Test
    func nothingServesAtFirst() {
        let statuses = HealthStatuses(services: ["a.B"])
        #expect(statuses.status(of: "") == .notServing)
        #expect(statuses.status(of: "a.B") == .notServing)
        #expect(statuses.status(of: "a.C") == nil)
    }

    @Test
    func aWatchBeginsWithTheStatusAndFollowsIt() async {
        let statuses = HealthStatuses(services: ["a.B"])
        var updates = statuses.updates(of: "a.B").makeAsyncIterator()
        #expect(await updates.next() == .notServing)
        statuses.setAll(.serving)
        #expect(await updates.next() == .serving)
        statuses.set(.notServing, for: "")
        statuses.set(.notServing, for: "a.B")
        #expect(await updates.next() == .notServing)
        #expect(statuses.status(of: "") == .notServing)
    }

    @Test
    func aServiceThatIsNotThereMayCome() async {
        let statuses = HealthStatuses(services: [])
        var updates = statuses.updates(of: "late.Comer").makeAsyncIterator()
        #expect(await updates.next() == .serviceUnknown)
        statuses.set(.serving, for: "late.Comer")
        #expect(await updates.next() == .serving)
    }

    @Test
    func drainingIsForGoodAndEndsTheWatches() async {
        let statuses = HealthStatuses(services: ["a.B"])
        statuses.setAll(.serving)
        var updates = statuses.updates(of: "a.B").makeAsyncIterator()
        #expect(await updates.next() == .serving)
        statuses.drain()
        statuses.setAll(.serving)
        #expect(await updates.next() == .notServing)
        #expect(await updates.next() == nil)
        #expect(statuses.status(of: "a.B") == .notServing)
        var late = statuses.updates(of: "a.B").makeAsyncIterator()
        #expect(await late.next() == .notServing)
        #expect(await late.next() == nil)
    }
}
