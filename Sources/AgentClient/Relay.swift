internal import Synchronization

/// Hands elements from one task to another, a few ahead at most: a slow reader holds up the writer.
///
/// One task writes, one reads.
final class Relay<Element: Sendable>: Sendable {
    private struct State {
        var buffer: [Element] = []
        var end: Result<Void, AgentCallError>?
        var reader: CheckedContinuation<Result<Element?, AgentCallError>, Never>?
        var writer: CheckedContinuation<Void, Never>?
        var isCancelled = false

        /// The oldest element, or the end; nil where the reader must wait.
        mutating func take() -> Result<Element?, AgentCallError>? {
            if !buffer.isEmpty { return .success(buffer.removeFirst()) }
            return end.map { $0.map { nil } }
        }
    }

    /// Enough that a burst of lines is handed over without a change of tasks for each.
    private static var capacity: Int { 16 }

    private let state = Mutex(State())

    /// Hands over an element; returns when there is room for another.
    ///
    /// - Parameter element: What to hand over.
    /// - Throws: `CancellationError` where the writing task is cancelled: nobody reads any more.
    func send(_ element: Element) async throws(CancellationError) {
        let reader = state.withLock { state in
            let reader = state.reader.take()
            if reader == nil { state.buffer.append(element) }
            return reader
        }
        reader?.resume(returning: .success(element))
        await waitForRoom()
        if Task.isCancelled { throw CancellationError() }
    }

    /// Marks the end; elements that were sent before can still be read.
    ///
    /// - Parameter end: Success, or why the stream broke off.
    func finish(_ end: Result<Void, AgentCallError>) {
        let reader = state.withLock { state in
            state.end = end
            return state.reader.take()
        }
        reader?.resume(returning: end.map { nil })
    }

    /// The next element, as soon as there is one; nil at the end.
    ///
    /// - Throws: Why the stream broke off.
    func next() async throws(AgentCallError) -> Element? {
        let result = await withCheckedContinuation { continuation in
            let (ready, writer) = state.withLock { state in
                let ready = state.take()
                if ready == nil { state.reader = continuation }
                let hasRoom = state.buffer.count < Self.capacity
                return (ready, hasRoom ? state.writer.take() : nil)
            }
            writer?.resume()
            if let ready { continuation.resume(returning: ready) }
        }
        return try result.get()
    }

    private func waitForRoom() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustWait = state.withLock { state in
                    guard state.buffer.count >= Self.capacity, !state.isCancelled else {
                        return false
                    }
                    state.writer = continuation
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        } onCancel: {
            let writer = state.withLock { state in
                state.isCancelled = true
                return state.writer.take()
            }
            writer?.resume()
        }
    }
}
