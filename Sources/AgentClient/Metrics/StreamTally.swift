private import GRPCCore
internal import LinuxIO
private import Synchronization

/// Counts one call whose answer is a stream.
final class StreamTally: Sendable {
    private let metrics: ClientMetrics
    private let call: AgentCall
    private let start = MonotonicInstant.now
    private let answer = Mutex((series: OperationSeries?.none, hasResult: false))

    init(_ call: AgentCall, in metrics: ClientMetrics) {
        self.call = call
        self.metrics = metrics
    }

    /// Counts a chunk that came.
    func count(_ chunk: AgentChunk) {
        let series = answer.withLock { answer in
            let series =
                answer.series
                ?? metrics.series(of: call.operation, of: call.agent, isReal: true)
            answer.series = series
            if case .result = chunk.kind { answer.hasResult = true }
            return series
        }
        series.countChunk()
    }

    /// Counts the call.
    ///
    /// - Parameter error: Why it broke off; nil where it has ended by itself.
    func end(_ error: AgentCallError? = nil) {
        let (series, hasResult) = answer.withLock { $0 }
        // Who has read the result need not read to the end of the stream.
        let isComplete = hasResult && error?.code == .cancelled
        (series ?? metrics.series(of: call.operation, of: call.agent, isReal: error == nil))
            .count(isComplete ? nil : error?.code, since: start)
    }
}
