import GRPCCore
import Synchronization

/// Keeps what is written to a stream; its reader can wait for it.
final class CollectingWriter<Element: Sendable>: RPCWriterProtocol {
    private let written = Mutex<[Element]>([])
    private let stream: AsyncStream<Element>
    private let continuation: AsyncStream<Element>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    var elements: [Element] { written.withLock { $0 } }

    func write(_ element: Element) async throws {
        written.withLock { $0.append(element) }
        continuation.yield(element)
    }

    func write(contentsOf elements: some Sequence<Element>) async throws {
        for element in elements { try await write(element) }
    }

    /// The next element that nobody took yet.
    func next() async -> Element? {
        await stream.first { _ in true }
    }
}
