import Synchronization

/// The last lines that an agent wrote, numbered, with followers that wait for the next.
///
/// A follower pulls: nothing is queued for it, so a slow one costs no memory. It sees by the
/// sequence numbers what it missed. The ring outlives the agent's processes.
package final class OutputRing: Sendable {
    /// The lines that are kept at most.
    package static let capacity = 1_000
    /// The bytes of text that are kept at most: 2 MiB.
    package static let byteCapacity = 2 * 1024 * 1024

    private let state = Mutex(State())
    private let followers = Followers()

    /// An empty ring.
    package init() {}

    /// The number of the last line, kept or not; 0 before the first.
    package var lastSequence: UInt64 { state.withLock(\.lastSequence) }

    /// Keeps a line under the next sequence number, which it is returned with, and wakes the
    /// followers.
    @discardableResult
    package func append(_ line: OutputLine) -> OutputLine {
        let numbered = state.withLock { state in
            state.lastSequence += 1
            var line = line
            line.sequence = state.lastSequence
            state.keep(line)
            return line
        }
        followers.announce(numbered.sequence)
        return numbered
    }

    /// Counts lines that are not kept, so that a gap in the sequence shows them.
    package func skip(_ count: UInt64) {
        state.withLock { $0.lastSequence += count }
    }

    /// The kept lines after a sequence number, oldest first; all of them after 0.
    package func lines(after sequence: UInt64 = 0) -> [OutputLine] {
        state.withLock { $0.lines(after: sequence) }
    }

    /// The last lines, oldest first.
    package func last(_ count: Int) -> [OutputLine] {
        state.withLock { Array($0.lines(after: 0).suffix(count)) }
    }

    /// Returns the lines after a sequence number, and waits for one if there is none yet.
    ///
    /// - Throws: `CancellationError` when the task is cancelled while it waits.
    package func nextLines(
        after sequence: UInt64
    ) async throws(CancellationError) -> [OutputLine] {
        try await followers.next(after: sequence) { lines(after: sequence) }
    }
}

extension OutputRing {
    private struct State {
        var lastSequence: UInt64 = 0

        /// Grows up to `capacity`; then `oldest` says where the ring begins.
        private var slots: [OutputLine] = []
        private var oldest = 0
        private var count = 0
        private var byteCount = 0

        mutating func keep(_ line: OutputLine) {
            let size = line.text.utf8.count
            while count > 0, count == capacity || byteCount + size > byteCapacity {
                byteCount -= slots[oldest].text.utf8.count
                slots[oldest].text = ""
                oldest = (oldest + 1) % slots.count
                count -= 1
            }
            byteCount += size
            if slots.count < capacity, oldest + count == slots.count {
                slots.append(line)
            } else {
                slots[(oldest + count) % slots.count] = line
            }
            count += 1
        }

        func lines(after sequence: UInt64) -> [OutputLine] {
            // Followers mostly ask for the newest few: from the end, then turned round.
            var lines: [OutputLine] = []
            for offset in (0..<count).reversed() {
                let line = slots[(oldest + offset) % slots.count]
                guard line.sequence > sequence else { break }
                lines.append(line)
            }
            return lines.reversed()
        }
    }
}
