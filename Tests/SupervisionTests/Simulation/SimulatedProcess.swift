import AgentManifest
import Supervision

/// A process of the simulation: what it does when, as its conduct says.
struct SimulatedProcess {
    let generation: Generation
    let conduct: Conduct
    let startedAt: Instant
    /// Since when it answers nothing any more.
    var hungAt: Instant?
    /// When it was told to end, and when that has to be made sure of.
    private(set) var termination: (at: Instant, grace: Duration)?
    private(set) var isKilled = false

    /// What a process lets the supervisor know.
    typealias News = (at: Instant, event: AgentEvent)

    /// What it does by itself, from its start.
    var life: [News] {
        var news: [News] = []
        if let ready = conduct.readyAfter, ready < conduct.endsAfter ?? .seconds(1_000_000) {
            say(.ready(generation), at: startedAt.advanced(by: ready), in: &news)
        }
        if let end = conduct.endsAfter {
            news.append((startedAt.advanced(by: end), .exited(generation, conduct.endsWith)))
        }
        return news
    }

    func isHung(at now: Instant) -> Bool {
        hungAt.map { $0 <= now } ?? false
    }

    /// Answers a probe, or does not: then the supervisor says so after the timeout.
    func answer(at now: Instant, timeout: Duration) -> [News] {
        var news: [News] = []
        let passes = conduct.servesAfter.map { startedAt.advanced(by: $0) <= now } ?? false
        let isUp = conduct.readyAfter.map { startedAt.advanced(by: $0) <= now } ?? false
        if !isUp || isHung(at: now) || conduct.answersAfter > timeout {
            let event = AgentEvent.probeFailed(
                generation, .unanswered("no answer within \(timeout)"))
            news.append((now.advanced(by: timeout), event))
        }
        if isUp, !isHung(at: now) {
            let event: AgentEvent =
                passes
                ? .probeSucceeded(generation) : .probeFailed(generation, .answered("NOT_SERVING"))
            say(event, at: now.advanced(by: conduct.answersAfter), in: &news)
        }
        return news
    }

    /// Takes SIGTERM.
    mutating func terminate(at now: Instant, grace: Duration) -> [News] {
        termination = (now, grace)
        guard let drain = conduct.drainsFor, !isHung(at: now) else { return [] }
        return [(now.advanced(by: drain), .exited(generation, .exited(code: 0)))]
    }

    /// Takes SIGKILL.
    mutating func kill(at now: Instant) -> [News] {
        isKilled = true
        return [(now.advanced(by: conduct.diesIn), .exited(generation, .signaled(9)))]
    }

    private func say(_ event: AgentEvent, at instant: Instant, in news: inout [News]) {
        news.append((instant, event))
        if conduct.repeatsItself {
            news.append((instant.advanced(by: conduct.answersAfter * 3), event))
        }
    }
}
