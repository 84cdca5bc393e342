private import AgentAPI
internal import CoreMetrics
internal import GRPCCore
internal import LinuxIO
private import Synchronization

/// The series of one operation of one agent, each made when there is something to count in it, and kept.
final class OperationSeries: Sendable {
    private struct Counters {
        var requests: [String: Counter] = [:]
        var errors: [String: Counter] = [:]
        var chunks: Counter?
    }

    private let factory: any MetricsFactory
    /// In the same order for all series: backends insist on it.
    private let dimensions: [(String, String)]
    private let duration: Timer
    private let counters = Mutex(Counters())

    /// Prepares an operation's series.
    ///
    /// - Parameters:
    ///   - operation: Its name.
    ///   - agent: The agent's name.
    ///   - factory: Makes the series.
    init(of operation: String, of agent: String, factory: any MetricsFactory) {
        self.factory = factory
        dimensions = [("agent", agent), ("operation", operation), ClientMetrics.countedBy]
        duration = Timer(
            label: "op_agents_request_duration_seconds", dimensions: dimensions,
            preferredDisplayUnit: .seconds, factory: factory)
    }

    /// Counts a call that is over.
    ///
    /// - Parameters:
    ///   - failure: Its status; nil for OK.
    ///   - start: When it began.
    func count(_ failure: RPCError.Code?, since start: MonotonicInstant) {
        duration.recordNanoseconds(MonotonicInstant.now.nanoseconds - start.nanoseconds)
        let status = failure?.statusName ?? "OK"
        counter("op_agents_requests_total", status, at: \.requests[status]).increment()
        if failure != nil {
            counter("op_agents_errors_total", status, at: \.errors[status]).increment()
        }
    }

    /// Counts a chunk of a streamed answer.
    func countChunk() {
        counter("op_agents_streaming_chunks_total", at: \.chunks).increment()
    }

    private func counter(
        _ label: String, _ status: String? = nil, at place: WritableKeyPath<Counters, Counter?>
    ) -> Counter {
        counters.withLock { counters in
            if let counter = counters[keyPath: place] { return counter }
            let new = Counter(
                label: label, dimensions: dimensions + (status.map { [("status", $0)] } ?? []),
                factory: factory)
            counters[keyPath: place] = new
            return new
        }
    }
}
