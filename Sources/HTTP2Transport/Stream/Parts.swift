internal import GRPCCore

/// The parts of a request, as the server's call reads them.
struct RequestParts: AsyncSequence, Sendable {
    typealias Element = RPCRequestPart<[UInt8]>
    typealias Failure = any Error

    let stream: CallStream

    struct AsyncIterator: AsyncIteratorProtocol {
        let stream: CallStream

        func next() async throws -> Element? { try await next(isolation: nil) }

        func next(isolation actor: isolated (any Actor)?) async throws -> Element? {
            switch try await stream.next() {
            case .metadata(let metadata): .metadata(metadata)
            case .message(let message): .message(message)
            case .compressedMessage(let message): .message(try stream.decompress(message))
            case .status, nil: nil
            }
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(stream: stream) }
}

/// The parts of a response, as the client's call reads them.
struct ResponseParts: AsyncSequence, Sendable {
    typealias Element = RPCResponsePart<[UInt8]>
    typealias Failure = any Error

    let stream: CallStream

    struct AsyncIterator: AsyncIteratorProtocol {
        let stream: CallStream

        func next() async throws -> Element? { try await next(isolation: nil) }

        func next(isolation actor: isolated (any Actor)?) async throws -> Element? {
            switch try await stream.next() {
            case .metadata(let metadata): .metadata(metadata)
            case .message(let message): .message(message)
            case .compressedMessage(let message): .message(try stream.decompress(message))
            case .status(let status, let metadata): .status(status, metadata)
            case nil: nil
            }
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(stream: stream) }
}
