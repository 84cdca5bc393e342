internal import LinuxIO
private import Synchronization

/// Counts the calls of one batch, each once: what became of it, and how long after the batch's start that was known.
final class BatchTally: Sendable {
    private let metrics: ClientMetrics
    private let start = MonotonicInstant.now
    /// The calls that were not answered yet, by their places in the batch.
    private let open: Mutex<[Int: AgentCall]>

    init(_ calls: [AgentCall], in metrics: ClientMetrics) {
        self.metrics = metrics
        open = Mutex(Dictionary(uniqueKeysWithValues: zip(calls.indices, calls)))
    }

    /// Counts a call that was answered.
    func count(_ result: BatchResult) {
        guard let call = open.withLock({ $0.removeValue(forKey: result.index) }) else { return }
        metrics.count(call, result.outcome, since: start)
    }

    /// Counts the calls that were not answered.
    ///
    /// - Parameter error: Why.
    func end(_ error: AgentCallError) {
        let unanswered = open.withLock { open in
            defer { open = [:] }
            return open
        }
        for call in unanswered.values { metrics.count(call, .failure(error), since: start) }
    }
}
