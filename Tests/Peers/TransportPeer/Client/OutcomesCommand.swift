internal import GRPCCore
internal import Glibc

/// `transport-peer outcomes`: makes unary calls and prints how each ended, as a line of JSON.
///
/// For peers that do what no well-behaved server does. `--calls 3` makes three, one after the other;
/// `--at-once 10` then makes ten at once; `--payload 100` sends a payload of so many bytes.
struct OutcomesCommand {
    private let connection: Connection
    private var calls = 1
    private var callsAtOnce = 0
    private var payload = InteropClient.largeRequest

    init(_ arguments: some Collection<String>) throws(UsageError) {
        guard let address = arguments.first else {
            throw UsageError(reason: "outcomes needs an address")
        }
        var options = try Options(arguments.dropFirst())
        connection = try Connection(to: address, taking: &options)
        try options.set(&calls, from: "calls")
        try options.set(&callsAtOnce, from: "at-once")
        try options.set(&payload, from: "payload")
        try options.end()
    }

    func run() async throws {
        // Whoever waits for it may now let the server begin.
        Self.print("calling")
        try await connection.withClient { [calls, callsAtOnce, payload] client in
            for _ in 0..<calls { Self.print(try await client.outcome(payload: payload).line()) }
            try await withThrowingTaskGroup { group in
                for _ in 0..<callsAtOnce {
                    group.addTask { try await client.outcome(payload: payload).line() }
                }
                for try await line in group { Self.print(line) }
            }
        }
    }

    /// Prints a line at once, also into a pipe.
    private static func print(_ line: String) {
        Swift.print(line)
        fflush(nil)
    }
}

extension InteropClient {
    /// Makes the call of `large_unary`, with a payload of another size.
    func outcome(payload: Int) async -> Outcome {
        var request = Self.largeRequestMessage
        request.payload = Grpc_Testing_Payload(zeros: payload)
        do {
            return try await service.unaryCall(request, options: options) { Outcome($0) }
        } catch let error as RPCError {
            return Outcome(error)
        } catch {
            return Outcome(RPCError(code: .unknown, message: "\(error)", cause: error))
        }
    }
}
