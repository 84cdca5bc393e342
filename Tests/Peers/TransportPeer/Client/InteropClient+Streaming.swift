internal import GRPCCore
private import SwiftProtobuf

extension InteropClient {
    func clientStreaming() async throws {
        let response = try await service.streamingInputCall(options: options) { writer in
            for size in [27182, 8, 1828, 45904] {
                try await writer.write(.with { $0.payload = Grpc_Testing_Payload(zeros: size) })
            }
        }
        try expect("aggregated size", response.aggregatedPayloadSize, is: 74922)
    }

    func serverStreaming() async throws {
        let sizes = try await service.streamingOutputCall(
            Self.outputRequest(31415, 9, 2653, 58979), options: options
        ) { response in
            try await response.messages.reduce(into: []) { $0.append($1.payload.body.count) }
        }
        try expect("sizes", sizes, is: [31415, 9, 2653, 58979])
    }

    func pingPong() async throws {
        let (replies, reply) = AsyncStream<Void>.makeStream()
        let sizes = try await service.fullDuplexCall(options: options) { writer in
            var replies = replies.makeAsyncIterator()
            for (size, payload) in [(31415, 27182), (9, 8), (2653, 1828), (58979, 45904)] {
                try await writer.write(Self.outputRequest(Int32(size), payload: payload))
                await replies.next()
            }
        } onResponse: { response in
            // A call that fails does not leave the writer waiting.
            defer { reply.finish() }
            var sizes: [Int] = []
            for try await message in response.messages {
                sizes.append(message.payload.body.count)
                reply.yield()
            }
            return sizes
        }
        try expect("sizes", sizes, is: [31415, 9, 2653, 58979])
    }

    func emptyStream() async throws {
        let count = try await service.fullDuplexCall(options: options) { _ in
        } onResponse: { response in
            try await response.messages.reduce(0) { count, _ in count + 1 }
        }
        try expect("number of responses", count, is: 0)
    }
}
