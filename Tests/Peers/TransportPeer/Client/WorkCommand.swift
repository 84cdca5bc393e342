internal import GRPCCore
internal import Glibc
private import SwiftProtobuf

/// `transport-peer work`: does what it reads on its standard input, a line for each order, until that ends.
///
/// It says `done` after each, and can be measured between two. All its calls share one client.
struct WorkCommand {
    private enum Order {
        /// `calls N`: so many empty unary calls, many of them at once.
        case calls(Int)
        /// `upload N`: so many messages of 64 KiB in one call, as fast as the server takes them.
        case upload(Int)

        init(_ line: String) throws(UsageError) {
            let words = line.split(separator: " ")
            guard words.count == 2, let count = Int(words[1]) else {
                throw UsageError(reason: "\"\(line)\" is no order")
            }
            switch words[0] {
            case "calls": self = .calls(count)
            case "upload": self = .upload(count)
            default: throw UsageError(reason: "there is no order \(words[0])")
            }
        }
    }

    private let connection: Connection

    init(_ arguments: some Collection<String>) throws(UsageError) {
        guard let address = arguments.first else {
            throw UsageError(reason: "work needs an address")
        }
        var options = try Options(arguments.dropFirst())
        connection = try Connection(to: address, taking: &options)
        try options.end()
    }

    func run() async throws {
        try await connection.withClient { client in
            // Nothing else runs while it waits for the next line.
            while let line = readLine() {
                switch try Order(line) {
                case .calls(let count): try await client.makeCalls(count)
                case .upload(let count): try await client.upload(count)
                }
                print("done")
                fflush(nil)
            }
        }
    }
}

extension InteropClient {
    private static let callsAtOnce = 64
    private static let uploadedMessage = 64 << 10

    /// Makes empty calls, a number of them at once.
    fileprivate func makeCalls(_ count: Int) async throws {
        try await withThrowingTaskGroup { group in
            for worker in 0..<Self.callsAtOnce {
                let share = (count + worker) / Self.callsAtOnce
                group.addTask {
                    for _ in 0..<share {
                        _ = try await service.emptyCall(Grpc_Testing_Empty(), options: options)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Sends one stream.
    fileprivate func upload(_ count: Int) async throws {
        let response = try await service.streamingInputCall(options: options) { writer in
            for _ in 0..<count {
                try await writer.write(
                    .with { $0.payload = Grpc_Testing_Payload(zeros: Self.uploadedMessage) })
            }
        }
        try expect(
            "aggregated size", Int(response.aggregatedPayloadSize), is: count * Self.uploadedMessage
        )
    }
}
