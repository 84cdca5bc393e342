internal import GRPCCore
internal import LinuxIO
private import Synchronization

/// What a call has written and the connection has not yet sent.
///
/// One writer puts in, on any thread; the loop takes out. A writer that is far ahead waits.
final class OutboundPipe: Sendable {
    /// The header fields that begin this side of the stream.
    enum Head: Sendable {
        /// The body follows.
        case withBody(OutgoingHeaders)
        /// They are all there is (servers only).
        case alone(OutgoingHeaders)
    }

    /// How this side of the stream ends.
    enum End: Sendable {
        case plain
        case trailers(OutgoingHeaders)
    }

    private struct State {
        var head: Head?
        var isHeadTaken = false
        var body = ByteQueue()
        var end: End?
        /// Nothing more is accepted.
        var closure: RPCError?
        /// Writers that wait; they are told whether there is room, or are to look again.
        var waiters: [UnsafeContinuation<Bool, any Error>] = []
        var isFlushRequested = false
        /// Do not begin before the end is known: then the whole of it leaves in one write.
        var waitsForEnd = false
    }

    private let state: Locked<State>

    /// A writer waits once this much is unsent, in bytes...
    private static let highWaterMark = 128 << 10
    /// ...until only this much is.
    private static let lowWaterMark = 16 << 10
    /// A request up to this size is kept until it is answered, so that it can be sent again.
    private static let replayLimit = 256 << 10

    /// - Parameters:
    ///   - waitsForEnd: Do not begin to send before the end is known, or much is written.
    ///   - keepsForReplay: Keep what was sent, while it is small.
    init(waitsForEnd: Bool = false, keepsForReplay: Bool = false) {
        state = Locked(
            State(body: ByteQueue(discardsTaken: !keepsForReplay), waitsForEnd: waitsForEnd))
    }

    // MARK: The writer's side

    /// What a writer is to do after it has written.
    struct Written {
        /// Have the connection flushed.
        var needsFlush = false
        /// Wait for room before writing more.
        var mustWait = false
    }

    /// Sets the header fields that begin this side of the stream, unless they are set.
    func putHead(_ head: Head) throws(RPCError) -> Written {
        try change { state throws(RPCError) in
            guard state.head == nil, state.end == nil else {
                throw RPCError(
                    code: .internalError, message: "cannot write metadata: it was written before")
            }
            state.head = head
        }
    }

    /// Adds a message of at most 4 GiB, as it is to travel.
    func put(message: [UInt8], isCompressed: Bool = false) throws(RPCError) -> Written {
        try change { state throws(RPCError) in
            guard state.head != nil, state.end == nil else {
                throw RPCError(
                    code: .internalError,
                    message: "cannot write a message: "
                        + (state.end == nil ? "metadata comes first" : "the stream was finished"))
            }
            state.body.appendMessage(message, isCompressed: isCompressed)
            if !state.body.discardsTaken, state.body.appendedCount > Self.replayLimit {
                state.body.discardsTaken = true
            }
        }
    }

    /// Ends this side of the stream; ending it twice does nothing.
    ///
    /// - Parameter end: Is told whether anything was written before.
    /// - Returns: What the writer is to do next.
    /// - Throws: `RPCError` where the stream is gone, or what `end` throws.
    func finish(
        _ end: (_ hasHead: Bool) throws(RPCError) -> (Head?, End)
    ) throws(RPCError) -> Written {
        try change { state throws(RPCError) in
            guard state.end == nil else { return }
            let (head, end) = try end(state.head != nil)
            if let head { state.head = head }
            state.end = end
            state.waitsForEnd = false
        }
    }

    /// Waits until much of what was written is sent.
    ///
    /// - Throws: `RPCError` where the stream ends or the task is cancelled meanwhile.
    func waitForRoom() async throws {
        try await withTaskCancellationHandler {
            while try await !mayGoOn() {}
        } onCancel: {
            // All look again, and the one that is cancelled finds that it is.
            let waiters = state.withLock { state in
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in waiters { waiter.resume(returning: false) }
        }
    }

    /// Waits until there is room, or until that may have changed.
    private func mayGoOn() async throws -> Bool {
        try await withUnsafeThrowingContinuation { continuation in
            let result = state.withLock { state -> Result<Bool, any Error>? in
                if let closure = state.closure { return .failure(closure) }
                if Task.isCancelled { return .failure(Self.cancellation) }
                if state.body.count <= Self.lowWaterMark { return .success(true) }
                state.waiters.append(continuation)
                return nil
            }
            if let result { continuation.resume(with: result) }
        }
    }

    private func change(
        _ body: (inout State) throws(RPCError) -> Void
    ) throws(RPCError) -> Written {
        try state.withLock { state throws(RPCError) in
            if let closure = state.closure { throw closure }
            try body(&state)
            var written = Written()
            written.mustWait = state.body.count > Self.highWaterMark
            // A call that is longer than a buffer is not held back any longer.
            if written.mustWait { state.waitsForEnd = false }
            if !state.isFlushRequested, !state.waitsForEnd {
                state.isFlushRequested = true
                written.needsFlush = true
            }
            return written
        }
    }

    private static let cancellation = RPCError(code: .cancelled, message: "the call was cancelled")

    // MARK: The loop's side

    /// What the connection is to submit for the stream.
    enum Submission {
        case begin(Head)
        case resume
        case nothing
    }

    /// Answers a requested flush.
    func submission() -> Submission {
        state.withLock { state in
            state.isFlushRequested = false
            guard state.closure == nil else { return .nothing }
            if state.isHeadTaken { return .resume }
            guard let head = state.head, !state.waitsForEnd else { return .nothing }
            state.isHeadTaken = true
            return .begin(head)
        }
    }

    /// Says what of the body is sent next.
    ///
    /// - Parameter limit: Bytes at most.
    /// - Returns: What ``take(_:into:)`` is then asked for.
    func next(upTo limit: Int) -> BodyRead {
        state.withLock { state in
            let count = min(state.body.count, limit)
            guard count == state.body.count, let end = state.end else {
                return count > 0 ? .bytes(count) : .later
            }
            switch end {
            case .plain: return .end(count)
            case .trailers(let trailers): return .trailers(count, trailers)
            }
        }
    }

    /// Takes bytes of the body.
    ///
    /// - Parameters:
    ///   - count: As many as ``next(upTo:)`` has said.
    ///   - output: They are appended to it.
    func take(_ count: Int, into output: inout [UInt8]) {
        let waiters = state.withLock { state -> [UnsafeContinuation<Bool, any Error>] in
            state.body.take(count, into: &output)
            guard !state.waiters.isEmpty, state.body.count <= Self.lowWaterMark else { return [] }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: true) }
    }

    /// Whether bytes of the body wait for the peer's window.
    var hasUnsentBody: Bool { state.withLock { $0.body.count > 0 } }

    /// Prepares to send everything again, on another connection.
    ///
    /// - Returns: False where part of it is gone, or the stream was closed.
    func rewind() -> Bool {
        state.withLock { state in
            guard state.closure == nil else { return false }
            if state.body.count < state.body.appendedCount {
                guard !state.body.discardsTaken else { return false }
                state.body.rewind()
            }
            state.isHeadTaken = false
            return true
        }
    }

    /// Gives up what was kept for sending it again: the peer has begun to answer.
    func forgetSent() {
        state.withLock { $0.body.discardsTaken = true }
    }

    /// Refuses everything from now on.
    ///
    /// - Parameter error: What writers get.
    func close(_ error: RPCError) {
        let waiters = state.withLock { state in
            guard state.closure == nil else { return [UnsafeContinuation<Bool, any Error>]() }
            state.closure = error
            state.body = ByteQueue()
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(throwing: error) }
    }
}
