internal import Glibc

/// The time, and the processor time of both ends, since it was started.
struct Stopwatch {
    private let server: pid_t
    private let start = ContinuousClock.now
    private let clientCPU: CPUTime
    private let serverCPU: CPUTime

    /// Starts.
    ///
    /// - Parameter server: The server's process.
    /// - Throws: ``CPUTime/Failure`` where it has ended.
    init(server: pid_t) throws {
        self.server = server
        clientCPU = try CPUTime.of(getpid())
        serverCPU = try CPUTime.of(server)
    }

    /// What has passed.
    func read() throws -> Reading {
        Reading(
            elapsed: ContinuousClock.now - start,
            clientCPU: try CPUTime.of(getpid()) - clientCPU,
            serverCPU: try CPUTime.of(server) - serverCPU)
    }

    struct Reading {
        var elapsed: Duration
        var clientCPU: Duration
        var serverCPU: Duration
    }
}
