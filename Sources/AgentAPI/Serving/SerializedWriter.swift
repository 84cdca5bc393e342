package import GRPCCore
private import Synchronization

/// Lets many tasks write to a stream that takes one element at a time, in the order in which they came.
///
/// The next write begins when the one before is accepted, so a slow reader holds all of them.
package final class SerializedWriter<Element: Sendable>: RPCWriterProtocol {
    private struct State {
        var isBusy = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let writer: RPCWriter<Element>

    /// Creates a writer.
    ///
    /// - Parameter writer: Where the elements go.
    package init(_ writer: RPCWriter<Element>) {
        self.writer = writer
    }

    package func write(_ element: Element) async throws {
        await acquire()
        defer { release() }
        try await writer.write(element)
    }

    package func write(contentsOf elements: some Sequence<Element>) async throws {
        for element in elements { try await write(element) }
    }

    /// Waits for its turn.
    ///
    /// A cancelled task waits too: the turn before it ends when the transport accepts or refuses its element.
    private func acquire() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.isBusy {
                    state.waiting.append(continuation)
                    return false
                }
                state.isBusy = true
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    private func release() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if state.waiting.isEmpty {
                state.isBusy = false
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
