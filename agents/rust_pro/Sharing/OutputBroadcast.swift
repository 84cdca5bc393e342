internal import AgentRuntime
private import Synchronization

/// The output of one run for several callers: who comes later gets what was written before.
///
/// A write waits for the slowest of those who follow; what they all have read is kept for later ones up to a limit.
final class OutputBroadcast: OutputSink {
    private struct Piece {
        var bytes: [UInt8]
        var stream: OutputStream
    }

    private enum Next {
        case piece(Piece, at: Int)
        case end
        case wait
    }

    private struct State {
        /// The pieces from number `first` on.
        var pieces: [Piece] = []
        var first = 0
        var keptBytes = 0
        var isFinished = false
        /// The number of the piece that each follower reads next.
        var positions: [Int: Int] = [:]
        var followers = 0
        /// Told whether what they wait for holds, or only that something has changed.
        var waiting: [Int: CheckedContinuation<Bool, Never>] = [:]
        var waits = 0

        var end: Int { first + pieces.count }

        mutating func takeWaiting() -> [CheckedContinuation<Bool, Never>] {
            defer { waiting = [:] }
            return Array(waiting.values)
        }

        /// Drops the oldest pieces over the limit, unless somebody has yet to read them.
        mutating func trim() {
            let slowest = positions.values.min() ?? end
            var count = 0
            while keptBytes > OutputBroadcast.mostKept, first + count < slowest {
                keptBytes -= pieces[count].bytes.count
                count += 1
            }
            pieces.removeFirst(count)
            first += count
        }
    }

    /// How many pieces a follower may be behind before writes wait.
    private static let mostBehind = 256
    /// How many bytes are kept for those who come later.
    private static let mostKept = 4 << 20

    private let state = Mutex(State())

    func write(_ bytes: [UInt8], to stream: OutputStream) async throws {
        let waiting = state.withLock { state in
            state.pieces.append(Piece(bytes: bytes, stream: stream))
            state.keptBytes += bytes.count
            return state.takeWaiting()
        }
        for continuation in waiting { continuation.resume(returning: false) }
        try await wait { state in
            state.trim()
            return state.positions.values.allSatisfy { state.end - $0 <= Self.mostBehind }
        }
    }

    /// Ends the output; those who follow return when they have read it.
    func finish() {
        let waiting = state.withLock { state in
            state.isFinished = true
            return state.takeWaiting()
        }
        for continuation in waiting { continuation.resume(returning: false) }
    }

    /// Passes everything on, from the beginning to the end.
    ///
    /// - Parameter sink: Where to.
    /// - Throws: What the sink throws, and `CancellationError`.
    func follow(into sink: any OutputSink) async throws {
        let follower = state.withLock { state in
            state.followers += 1
            state.positions[state.followers] = state.first
            return state.followers
        }
        defer { leave(follower) }
        let missed = state.withLock(\.first)
        if missed > 0 {
            try await sink.write(
                Array("[\(missed) earlier lines of this run are not repeated]\n".utf8), to: .stderr)
        }
        while true {
            switch next(for: follower) {
            case .piece(let piece, let position):
                try await sink.write(piece.bytes, to: piece.stream)
                advance(follower, past: position)
            case .end: return
            case .wait:
                try await wait { $0.isFinished || $0.end > $0.positions[follower] ?? 0 }
            }
        }
    }

    private func next(for follower: Int) -> Next {
        state.withLock { state in
            let position = state.positions[follower] ?? state.first
            if position < state.end {
                return .piece(state.pieces[position - state.first], at: position)
            }
            return state.isFinished ? .end : .wait
        }
    }

    private func advance(_ follower: Int, past position: Int) {
        let waiting = state.withLock { state in
            state.positions[follower] = position + 1
            return state.takeWaiting()
        }
        for continuation in waiting { continuation.resume(returning: false) }
    }

    private func leave(_ follower: Int) {
        let waiting = state.withLock { state in
            state.positions[follower] = nil
            return state.takeWaiting()
        }
        for continuation in waiting { continuation.resume(returning: false) }
    }

    /// Waits until a condition holds; it is asked again after every change.
    private func wait(until condition: @escaping @Sendable (inout State) -> Bool) async throws {
        let ticket = state.withLock { state in
            state.waits += 1
            return state.waits
        }
        var holds = false
        while !holds {
            try Task.checkCancellation()
            holds = await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let answer = state.withLock { state -> Bool? in
                        if condition(&state) { return true }
                        // The handler may have run before there was anything to resume.
                        if Task.isCancelled { return false }
                        state.waiting[ticket] = continuation
                        return nil
                    }
                    if let answer { continuation.resume(returning: answer) }
                }
            } onCancel: {
                state.withLock { $0.waiting.removeValue(forKey: ticket) }?.resume(returning: false)
            }
        }
    }
}
