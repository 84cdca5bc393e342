internal import GRPCCore
internal import Synchronization

/// What a running call sends, as it appears.
///
/// The call starts with the first element that is asked for. It runs as fast as it is read: a reader that
/// stops reading holds up the program that writes. It is cancelled, and everything that it started is
/// ended, when the reading task is cancelled or the stream is let go. Read it in one place: two readers
/// would share the elements.
public struct AgentStream<Element: Sendable>: AsyncSequence, Sendable {
    /// Why a stream breaks off.
    public typealias Failure = AgentCallError

    private let call: Call

    /// Prepares a call.
    ///
    /// - Parameter run: Carries out the call, gives each element to its argument, and returns at the end.
    init(
        _ run:
            @escaping @Sendable (
                _ send: @escaping @Sendable (Element) async throws -> Void
            ) async throws(AgentCallError) -> Void
    ) {
        call = Call(run)
    }

    /// Reads the elements.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let call: Call

        /// The next element; nil at the end.
        ///
        /// - Parameter actor: The actor that reads.
        /// - Returns: The element.
        /// - Throws: Why the call could not be carried out.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(AgentCallError) -> Element? {
            try await call.next()
        }
    }

    /// Starts reading, or goes on where the last reader stopped.
    public func makeAsyncIterator() -> Iterator {
        Iterator(call: call)
    }

    /// The call, alive as long as somebody may read what it sends.
    fileprivate final class Call: Sendable {
        typealias Run =
            @Sendable (
                _ send: @escaping @Sendable (Element) async throws -> Void
            ) async throws(AgentCallError) -> Void

        private let run: Run
        private let relay = Relay<Element>()
        private let task = Mutex<Task<Void, Never>?>(nil)

        init(_ run: @escaping Run) {
            self.run = run
        }

        deinit {
            task.withLock { $0 }?.cancel()
        }

        func next() async throws(AgentCallError) -> Element? {
            let task = started()
            do {
                return try await withTaskCancellationHandler {
                    try await relay.next()
                } onCancel: {
                    task.cancel()
                }
            } catch let error as AgentCallError {
                throw error
            } catch {
                throw AgentCallError(.unknown, "cannot go on reading: \(error)")
            }
        }

        private func started() -> Task<Void, Never> {
            task.withLock { task in
                if let task { return task }
                // Holds the relay, not the call: so the call can be let go while the task runs.
                let new = Task { [run, relay] in
                    do throws(AgentCallError) {
                        try await run { try await relay.send($0) }
                        relay.finish(.success(()))
                    } catch {
                        relay.finish(.failure(error))
                    }
                }
                task = new
                return new
            }
        }
    }
}
