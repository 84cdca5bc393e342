internal import GRPCCore
internal import Glibc

/// Unary calls of one size, always the same number of them in flight.
struct UnaryLoad {
    var server: pid_t
    var duration: Duration
    var messageSize: Int
    /// Spread over the connections evenly.
    var inFlight: Int

    /// Calls, first to warm up, then to measure.
    ///
    /// - Parameter callers: One for each connection.
    /// - Returns: What was measured, without the warming up.
    /// - Throws: What a call threw.
    func run(on callers: [any EchoCaller]) async throws -> Measurement {
        _ = try await latencies(of: callers, for: duration / 4)
        let stopwatch = try Stopwatch(server: server)
        let latencies = try await latencies(of: callers, for: duration)
        return try Measurement(latencies: latencies, stopwatch.read())
    }

    private func latencies(
        of callers: [any EchoCaller], for duration: Duration
    ) async throws -> [Duration] {
        let clock = ContinuousClock()
        let deadline = clock.now + duration
        let message = [UInt8](repeating: 0x6f, count: messageSize)
        return try await withThrowingTaskGroup(of: [Duration].self) { group in
            for index in 0..<inFlight {
                let caller = callers[index % callers.count]
                group.addTask {
                    var latencies: [Duration] = []
                    var start = clock.now
                    while start < deadline {
                        let answer = try await caller.echo(message)
                        try check(answer, against: message)
                        let end = clock.now
                        latencies.append(end - start)
                        start = end
                    }
                    return latencies
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    private func check(_ answer: [UInt8], against message: [UInt8]) throws(RPCError) {
        guard answer.count == message.count else {
            throw RPCError(
                code: .dataLoss,
                message: "cannot trust the echo: it has \(answer.count) bytes, not \(message.count)"
            )
        }
    }
}
