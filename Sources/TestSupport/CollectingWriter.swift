internal import GRPCCore
private import Synchronization

/// Keeps what is written to a stream; its reader can wait for it.
package final class CollectingWriter<Element: Sendable>: RPCWriterProtocol {
    private let written = Mutex<[Element]>([])
    private let stream: AsyncStream<Element>
    private let continuation: AsyncStream<Element>.Continuation

    /// Makes a writer that nothing was written to.
    package init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    /// What was written, all of it.
    package var elements: [Element] { written.withLock { $0 } }

    package func write(_ element: Element) async throws {
        written.withLock { $0.append(element) }
        continuation.yield(element)
    }

    package func write(contentsOf elements: some Sequence<Element>) async throws {
        for element in elements { try await write(element) }
    }

    /// Waits for the next element that nobody took yet.
    ///
    /// - Returns: `nil` where the task is cancelled.
    package func next() async -> Element? {
        await stream.first { _ in true }
    }
}
