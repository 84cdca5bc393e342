package import GRPCCore
private import Synchronization

/// A call that runs in a task of its own, so that any of those concerned may end it: its caller, its time limit, its
/// session, the server that drains.
///
/// GRPCCore tells a handler of a cancelled RPC through a task-local handle and leaves its task alone; here the two
/// become one, so a body needs to know task cancellation only.
package final class RunningCall: Sendable {
    private struct State {
        var ending: RPCError?
        var cancel: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())
    private let executor: (any TaskExecutor)?
    /// A stream or a batch: the calls in it are calls of their own, so it is not counted as one.
    package let isContainer: Bool

    /// Creates a call that does not run yet.
    ///
    /// - Parameters:
    ///   - executor: Where the body runs; the global executor where nil. An unstructured task does not inherit the
    ///     preference of its creator, so an event loop has to be named.
    ///   - isContainer: It holds other calls, and is not counted as one; false by default.
    package init(executor: (any TaskExecutor)? = nil, isContainer: Bool = false) {
        self.executor = executor
        self.isContainer = isContainer
    }

    /// Asks the body to stop; the first error given is what the call is answered with, once the body is over.
    ///
    /// - Parameter error: Why it ends early.
    package func end(_ error: RPCError) {
        let cancel = state.withLock { state in
            if state.ending == nil { state.ending = error }
            return state.cancel
        }
        cancel?()
    }

    /// Runs the body and returns when it is over, never before.
    ///
    /// Call this once.
    ///
    /// - Parameters:
    ///   - timeLimit: After it the call ends with DEADLINE_EXCEEDED; nil for none.
    ///   - deadline: The caller's own, which the transport watches: says whether a caller that leaves has run out of
    ///     time or lost interest.
    ///   - body: What the call does; stops when its task is cancelled.
    /// - Returns: What the body returns.
    /// - Throws: What ended it early, even where the body then returned; otherwise what the body throws.
    package func run<Success: Sendable>(
        timeLimit: Duration? = nil, deadline: ContinuousClock.Instant? = nil,
        _ body: @escaping @Sendable () async throws -> Success
    ) async throws -> Success {
        let task = Task(executorPreference: executor) { try await body() }
        let ending = state.withLock { state in
            state.cancel = { task.cancel() }
            return state.ending
        }
        if ending != nil { task.cancel() }
        let timer = timeLimit.map { limit in
            Task {
                try await Task.sleep(for: limit)
                end(.timeLimitExceeded(limit))
            }
        }
        let outcome = await withTaskCancellationHandler {
            await withRPCCancellationHandler {
                await task.result
            } onCancelRPC: {
                self.end(.callerLeft(deadline: deadline))
            }
        } onCancel: {
            end(.callerLeft(deadline: deadline))
        }
        timer?.cancel()
        if let ending = state.withLock({ $0.ending }) { throw ending }
        return try outcome.get()
    }
}

extension RPCError {
    fileprivate static func callerLeft(deadline: ContinuousClock.Instant?) -> RPCError {
        if let deadline, deadline <= .now {
            return RPCError(
                code: .deadlineExceeded,
                message: "cannot finish the call: its caller's deadline is over; allow more time, "
                    + "or ask for less")
        }
        return RPCError(
            code: .cancelled, message: "cannot finish the call: its caller cancelled it")
    }

    fileprivate static func timeLimitExceeded(_ limit: Duration) -> RPCError {
        RPCError(
            code: .deadlineExceeded,
            message: "cannot finish the call within \(limit): its time limit is over; raise "
                + "timeout_ms, or ask for less")
    }
}
