/// The moment by which a call with all its retries must be over.
struct Deadline: Sendable {
    private let end: ContinuousClock.Instant?

    /// Sets a deadline.
    ///
    /// - Parameter limit: How long from now; nil for no deadline.
    init(in limit: Duration?) {
        end = limit.map { .now + $0 }
    }

    /// What is left, never below zero; nil where there is no deadline.
    var remaining: Duration? {
        end.map { max(.zero, ContinuousClock.now.duration(to: $0)) }
    }

    /// Whether there is still time after a wait.
    ///
    /// - Parameter wait: How long the wait takes.
    /// - Returns: True where there is no deadline.
    func allows(_ wait: Duration) -> Bool {
        remaining.map { $0 > wait } ?? true
    }
}
