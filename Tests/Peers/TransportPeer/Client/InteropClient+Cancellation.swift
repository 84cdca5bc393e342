internal import GRPCCore

extension InteropClient {
    func cancelAfterBegin() async throws {
        let (begun, begin) = AsyncStream<Void>.makeStream()
        let call = Task { [self] in
            defer { begin.finish() }
            _ = try await service.streamingInputCall(options: options) { _ in
                // The metadata was written.
                begin.yield()
                try await Self.waitForCancellation()
            }
        }
        for await _ in begun { break }
        call.cancel()
        let error = try await failure { try await call.value }
        try expect("status", error.code, is: .cancelled)
    }

    func cancelAfterFirstResponse() async throws {
        let (answered, answer) = AsyncStream<Int>.makeStream()
        let call = Task { [self] in
            defer { answer.finish() }
            try await service.fullDuplexCall(options: options) { writer in
                try await writer.write(Self.outputRequest(31415, payload: 27182))
                try await Self.waitForCancellation()
            } onResponse: { response in
                for try await message in response.messages {
                    answer.yield(message.payload.body.count)
                }
            }
        }
        for await size in answered {
            try expect("size", size, is: 31415)
            break
        }
        call.cancel()
        let error = try await failure { try await call.value }
        try expect("status", error.code, is: .cancelled)
    }

    func timeoutOnSleepingServer() async throws {
        var options = options
        options.timeout = .milliseconds(1)
        let error = try await failure { [options] in
            try await service.fullDuplexCall(options: options) { writer in
                try await writer.write(Self.outputRequest(payload: 27182))
                try await Self.waitForCancellation()
            } onResponse: { response in
                for try await _ in response.messages {}
            }
        }
        try expect("status", error.code, is: .deadlineExceeded)
    }

    /// Keeps a side of a stream open, until the call ends.
    private static func waitForCancellation() async throws {
        let (nothing, continuation) = AsyncStream<Never>.makeStream()
        for await _ in nothing {}
        continuation.finish()
        try Task.checkCancellation()
    }
}
