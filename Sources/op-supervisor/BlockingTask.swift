private import Dispatch
private import Synchronization

/// Waits in an ordinary function for what an asynchronous one does.
///
/// The main thread is for nothing else here: the supervisor lives on its event loop.
enum BlockingTask {
    private final class Outcome: Sendable {
        let result = Mutex<Result<Void, any Error>>(.success(()))
        let isThere = DispatchSemaphore(value: 0)
    }

    /// Runs a body and returns when it is over.
    ///
    /// - Parameter body: What to do.
    /// - Throws: What the body throws.
    static func run(_ body: sending @escaping () async throws -> Void) throws {
        let outcome = Outcome()
        Task.detached {
            do {
                try await body()
            } catch {
                outcome.result.withLock { $0 = .failure(error) }
            }
            outcome.isThere.signal()
        }
        outcome.isThere.wait()
        try outcome.result.withLock { $0 }.get()
    }
}
