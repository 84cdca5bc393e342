internal import GRPCCore
internal import Glibc
private import Synchronization

/// Messages of one size on one stream, one after the other as fast as they go.
struct StreamLoad {
    enum Direction {
        /// From the client to the server.
        case upload
        /// From the server to the client.
        case download
    }

    var server: pid_t
    var duration: Duration
    var messageSize: Int
    var direction: Direction

    /// Streams, first to warm up, then to measure.
    ///
    /// - Parameter client: Its connection runs.
    /// - Returns: What was measured, without the warming up.
    /// - Throws: What the call threw, or `RPCError` with `dataLoss` where messages were lost.
    func run(on client: EchoClient<some ClientTransport>) async throws -> Measurement {
        switch direction {
        case .upload: try await upload(client)
        case .download: try await download(client)
        }
    }

    private func upload(_ client: EchoClient<some ClientTransport>) async throws -> Measurement {
        let message = [UInt8](repeating: 0x6f, count: messageSize)
        let sent = Mutex(0)
        let found = Mutex<Measurement?>(nil)
        let received = try await client.collect { writer in
            var count = StreamCount(load: self)
            while try count.goesOn() {
                try await writer.write(message)
            }
            let (total, measurement) = (count.total, try count.measurement())
            sent.withLock { $0 = total }
            found.withLock { $0 = measurement }
        }
        let expected = sent.withLock { $0 } * messageSize
        guard received == expected, let measurement = found.withLock({ $0 }) else {
            throw Self.loss(received, of: expected)
        }
        return measurement
    }

    private func download(_ client: EchoClient<some ClientTransport>) async throws -> Measurement {
        try await client.produce(messagesOf: messageSize) { messages in
            var count = StreamCount(load: self)
            for try await message in messages {
                guard message.count == messageSize else {
                    throw Self.loss(message.count, of: messageSize)
                }
                guard try count.goesOn() else { break }
            }
            return try count.measurement()
        }
    }

    private static func loss(_ received: Int, of expected: Int) -> RPCError {
        RPCError(
            code: .dataLoss,
            message: "cannot trust the stream: \(received) bytes arrived, not \(expected)")
    }
}

/// Counts the messages of a stream, and measures once it is warm.
private struct StreamCount {
    private let load: StreamLoad
    private let warm: ContinuousClock.Instant
    private let end: ContinuousClock.Instant
    private var stopwatch: Stopwatch?
    private var cold = 0
    private var reading: Stopwatch.Reading?
    /// Messages, with those before it was warm.
    private(set) var total = 0

    init(load: StreamLoad) {
        self.load = load
        warm = .now + load.duration / 4
        end = warm + load.duration
    }

    /// Counts one more message.
    ///
    /// - Returns: False, and the message is not counted, where the time is over.
    mutating func goesOn() throws -> Bool {
        let now = ContinuousClock.now
        if stopwatch == nil, now >= warm {
            stopwatch = try Stopwatch(server: load.server)
            cold = total
        }
        guard now < end else {
            reading = try stopwatch?.read()
            return false
        }
        total += 1
        return true
    }

    func measurement() throws -> Measurement {
        guard let reading else {
            throw RPCError(
                code: .dataLoss, message: "cannot measure: the stream ended before its time")
        }
        return Measurement(messages: total - cold, reading)
    }
}
