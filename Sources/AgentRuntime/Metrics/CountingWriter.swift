internal import AgentAPI
internal import GRPCCore

/// Counts the messages of a streamed answer on their way.
struct CountingWriter<Element: Sendable>: RPCWriterProtocol {
    private let writer: RPCWriter<Element>
    private let counter: CallCounter

    init(_ writer: RPCWriter<Element>, _ counter: CallCounter) {
        self.writer = writer
        self.counter = counter
    }

    func write(_ element: Element) async throws {
        try await writer.write(element)
        counter.countChunks()
    }

    func write(contentsOf elements: some Sequence<Element>) async throws {
        for element in elements { try await write(element) }
    }
}
