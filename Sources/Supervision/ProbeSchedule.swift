/// When an instance's health is asked for next, and how it did so far.
struct ProbeSchedule: Equatable, Sendable {
    /// When the next probe is due; `nil` if none is.
    private(set) var next: Instant?
    /// Whether a probe waits for its answer.
    private(set) var isWaiting = false
    /// How many probes failed in a row.
    private(set) var failures = 0

    /// Plans a probe.
    mutating func plan(at instant: Instant) { next = instant }

    /// Notes that a probe was sent.
    mutating func noteSent() {
        next = nil
        isWaiting = true
    }

    /// Notes an answer; `false` if none was waited for, so that it must be of no consequence.
    mutating func noteAnswer(passed: Bool) -> Bool {
        guard isWaiting else { return false }
        isWaiting = false
        failures = passed ? 0 : failures + 1
        return true
    }
}
