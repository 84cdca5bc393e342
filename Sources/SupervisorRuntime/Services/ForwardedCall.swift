internal import AgentAPI
internal import GRPCCore
private import Synchronization

/// A call that an agent carries out, and that may be ended in two ways.
///
/// A caller that leaves is told nothing more, so the agent's call is cancelled at once. A time limit or a
/// session that ends, the agent knows of by itself: its answer is waited for, since it says that
/// nothing of the call runs any more. An agent that does not answer is not waited for long.
final class ForwardedCall: Sendable {
    /// How long an agent has to answer a call that should be over.
    private static let answerLimit: Duration = .seconds(5)

    private struct State {
        var isForwarded = false
        var mustEnd = false
        var cancel: (@Sendable () -> Void)?
        var limit: Task<Void, any Error>?
    }

    private let state = Mutex(State())
    private let executor: any TaskExecutor

    /// Creates a call that does not run yet.
    ///
    /// - Parameter executor: Where it runs.
    init(executor: any TaskExecutor) {
        self.executor = executor
    }

    /// Whether the agent has it, or had it.
    var isForwarded: Bool { state.withLock { $0.isForwarded } }

    /// Notes that the agent has the call from now on.
    ///
    /// - Throws: `CancellationError` if the call should be over already.
    func forward() throws {
        let mustEnd = state.withLock { state in
            state.isForwarded = true
            return state.mustEnd
        }
        if mustEnd { throw CancellationError() }
    }

    /// Runs the call; cancelling the task ends it in the agent's own time.
    ///
    /// - Parameter body: The call; stops when its task is cancelled.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    func run<Answer: Sendable>(
        _ body: @escaping @Sendable () async throws -> Answer
    ) async throws -> Answer {
        let task = Task(executorPreference: executor) { try await body() }
        state.withLock { $0.cancel = { task.cancel() } }
        let result = await withTaskCancellationHandler {
            await task.result
        } onCancel: {
            end()
        }
        state.withLock { $0.limit }?.cancel()
        return try result.get()
    }

    /// Ends the call at once.
    func cancel() { state.withLock { $0.cancel }?() }

    /// Ends the call in the agent's own time, if the agent has it, else at once.
    private func end() {
        let isForwarded = state.withLock { state in
            state.mustEnd = true
            return state.isForwarded
        }
        guard isForwarded else {
            cancel()
            return
        }
        let limit = Task {
            try await Task.sleep(for: Self.answerLimit)
            cancel()
        }
        state.withLock { $0.limit = limit }
    }
}
