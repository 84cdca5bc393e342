internal import GRPCCore
internal import Glibc

/// Connections, one after the other: each is made, called on once, and closed.
struct ConnectLoad {
    var server: pid_t
    var duration: Duration

    /// Connects, first to warm up, then to measure.
    ///
    /// - Parameters:
    ///   - transport: Makes the clients.
    ///   - port: The server's.
    /// - Returns: What was measured: the times from a client's making to its first answer.
    /// - Throws: What a call threw.
    func run(on transport: some EchoTransport, port: Int) async throws -> Measurement {
        _ = try await latencies(of: transport, port: port, for: duration / 4)
        let stopwatch = try Stopwatch(server: server)
        let latencies = try await latencies(of: transport, port: port, for: duration)
        return try Measurement(latencies: latencies, stopwatch.read())
    }

    private func latencies(
        of transport: some EchoTransport, port: Int, for duration: Duration
    ) async throws -> [Duration] {
        let deadline = ContinuousClock.now + duration
        var latencies: [Duration] = []
        while ContinuousClock.now < deadline {
            let start = ContinuousClock.now
            let latency = try await transport.withClients(1, port: port) { clients in
                for client in clients {
                    _ = try await transport.stubCaller(on: client.client).echo([])
                }
                return ContinuousClock.now - start
            }
            latencies.append(latency)
        }
        return latencies
    }
}
