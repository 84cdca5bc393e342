internal import GRPCCore

/// Unary calls of one size, always the same number of them in flight on one connection.
struct Load {
    var inFlight: Int
    var duration: Duration
    var messageSize = 32

    /// Calls, first to warm up, then to measure.
    ///
    /// - Parameter client: Its connections run.
    /// - Returns: What was measured, without the warming up.
    /// - Throws: What a call threw.
    func run(on client: EchoClient<some ClientTransport>) async throws -> Measurement {
        _ = try await latencies(of: client, for: duration / 4)

        let serverBefore = try await client.cpuTimeOfServer()
        let clientBefore = CPUTime.ofThisProcess()
        let clock = ContinuousClock()
        let start = clock.now
        let latencies = try await latencies(of: client, for: duration)
        let elapsed = clock.now - start
        let clientAfter = CPUTime.ofThisProcess()
        let serverAfter = try await client.cpuTimeOfServer()

        return Measurement(
            latencies: latencies, elapsed: elapsed,
            clientCPU: clientAfter - clientBefore,
            serverCPU: serverAfter - serverBefore)
    }

    private func latencies(
        of client: EchoClient<some ClientTransport>, for duration: Duration
    ) async throws -> [Duration] {
        let clock = ContinuousClock()
        let deadline = clock.now + duration
        let message = [UInt8](repeating: 0x6f, count: messageSize)
        return try await withThrowingTaskGroup(of: [Duration].self) { group in
            for _ in 0..<inFlight {
                group.addTask {
                    var latencies: [Duration] = []
                    var start = clock.now
                    while start < deadline {
                        guard try await client.echo(message) == message else {
                            throw RPCError(code: .dataLoss, message: "the echo differs")
                        }
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
}
