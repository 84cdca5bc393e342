internal import GRPCCore
internal import LinuxIO
private import Synchronization

/// What arrives on a call's stream.
enum InboundPart: Sendable {
    case metadata(Metadata)
    case message([UInt8])
    /// It is decompressed by its reader: until then it takes the memory that it took of the window.
    case compressedMessage([UInt8])
    case status(Status, Metadata)
}

/// What has arrived on a stream and waits for its reader, and the flow-control debt that it stands for.
///
/// The loop puts in, one reader takes out, on any thread.
final class InboundPipe: Sendable {
    private struct State {
        var parts = InboundQueue()
        var end: Result<Void, any Error>?
        var waiter: UnsafeContinuation<Taken, any Error>?
        /// Credit for what was taken, not yet returned.
        var owed = 0
        /// The loop keeps back credit until the reader has caught up.
        var isHolding = false
    }

    private let state = Locked(State())

    /// Credit is returned in pieces of at least this size, so that small messages cost no frame each.
    private let creditUnit: Int

    /// - Parameter streamWindow: The stream's window, in bytes.
    init(streamWindow: Int) {
        creditUnit = streamWindow / 4
    }

    // MARK: The loop's side

    /// Adds a part.
    ///
    /// - Parameters:
    ///   - part: What arrived.
    ///   - debt: Flow-control credit that is returned once it is taken, in bytes.
    /// - Returns: Credit to return now.
    func put(_ part: InboundPart, debt: Int) -> Int {
        let (waiter, credit) = state.withLock {
            state -> (UnsafeContinuation<Taken, any Error>?, Int) in
            guard state.end == nil else { return (nil, 0) }
            guard let waiter = state.waiter.take() else {
                state.parts.append(part, debt: debt)
                return (nil, 0)
            }
            return (waiter, settle(&state, debt))
        }
        waiter?.resume(returning: Taken(part: part))
        return credit
    }

    /// Ends it, after what it holds.
    ///
    /// - Parameter result: A failure is thrown to the reader once. Only the first end counts.
    func finish(_ result: Result<Void, any Error>) {
        let waiter = state.withLock { state -> UnsafeContinuation<Taken, any Error>? in
            guard state.end == nil else { return nil }
            state.end = result
            return state.waiter.take()
        }
        switch result {
        case .success: waiter?.resume(returning: Taken())
        case .failure(let error): waiter?.resume(throwing: error)
        }
    }

    /// Whether credit for a message that is still arriving may be returned at once, since the
    /// reader has taken everything before it.
    ///
    /// Otherwise the reader asks for it when it has.
    func isDrained() -> Bool {
        state.withLock { state in
            if state.parts.isEmpty { return true }
            state.isHolding = true
            return false
        }
    }

    // MARK: The reader's side

    /// What a reader got, and what the stream is to do about it.
    struct Taken {
        /// Nil at the end.
        var part: InboundPart?
        /// Bytes of credit to return.
        var credit = 0
        /// The loop kept back credit and may return it now.
        var releasesHold = false
    }

    /// Takes the next part, if there is one or the end has come.
    ///
    /// - Throws: What the pipe was finished with.
    func takeReady() throws -> Taken? {
        try state.withLock { try take(&$0) }
    }

    /// Takes the next part, or waits for it.
    ///
    /// - Throws: What the pipe was finished with, or `RPCError` with `cancelled` where the task is cancelled.
    func next() async throws -> Taken {
        if let taken = try takeReady() { return taken }
        return try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                wait(continuation)
            }
        } onCancel: {
            cancelWait()
        }
    }

    private func take(_ state: inout State) throws -> Taken? {
        if let (part, debt) = state.parts.popFirst() {
            var taken = Taken(part: part, credit: settle(&state, debt))
            if state.parts.isEmpty, state.isHolding {
                state.isHolding = false
                taken.releasesHold = true
            }
            return taken
        }
        guard let end = state.end else { return nil }
        state.end = .success(())
        try end.get()
        return Taken()
    }

    private func wait(_ continuation: UnsafeContinuation<Taken, any Error>) {
        let result = state.withLock { state -> Result<Taken, any Error>? in
            do {
                // Something may have arrived since the reader looked.
                if let taken = try take(&state) { return .success(taken) }
            } catch {
                return .failure(error)
            }
            if Task.isCancelled { return .failure(Self.cancellation) }
            precondition(state.waiter == nil, "a stream has one reader")
            state.waiter = continuation
            return nil
        }
        if let result { continuation.resume(with: result) }
    }

    private func cancelWait() {
        let waiter = state.withLock { $0.waiter.take() }
        waiter?.resume(throwing: Self.cancellation)
    }

    private func settle(_ state: inout State, _ debt: Int) -> Int {
        state.owed += debt
        guard state.owed >= creditUnit else { return 0 }
        defer { state.owed = 0 }
        return state.owed
    }

    private static let cancellation = RPCError(code: .cancelled, message: "the call was cancelled")
}
