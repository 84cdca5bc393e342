internal import HeapModule

/// Something that an ``EventLoop`` does later.
///
/// Belongs to the loop's thread.
package final class LoopTimer {
    package let deadline: MonotonicInstant
    fileprivate var body: (() -> Void)?
    private let queue: TimerQueue.Count

    fileprivate init(
        deadline: MonotonicInstant, queue: TimerQueue.Count, body: @escaping () -> Void
    ) {
        self.deadline = deadline
        self.queue = queue
        self.body = body
    }

    /// Whether it will still fire.
    package var isPending: Bool { body != nil }

    /// Keeps it from firing.
    ///
    /// Cancelling twice, or after it fired, does nothing.
    package func cancel() {
        guard body != nil else { return }
        body = nil
        queue.cancelled += 1
    }
}

/// The timers of a loop, earliest first.
///
/// A cancelled timer stays in the heap until it comes up, or until half of the heap is cancelled and
/// all such are removed at once: so cancelling costs constant time on average, and a million calls
/// with deadlines of minutes leave no million timers behind.
struct TimerQueue {
    /// Shared with the timers, which count themselves out.
    fileprivate final class Count {
        var cancelled = 0
    }

    private struct Entry: Comparable {
        let timer: LoopTimer

        static func < (left: Entry, right: Entry) -> Bool {
            left.timer.deadline < right.timer.deadline
        }

        static func == (left: Entry, right: Entry) -> Bool {
            left.timer.deadline == right.timer.deadline
        }
    }

    private var heap = Heap<Entry>()
    private let count = Count()

    var isEmpty: Bool { heap.isEmpty }

    /// The earliest deadline, of a cancelled timer perhaps.
    var earliestDeadline: MonotonicInstant? { heap.min?.timer.deadline }

    mutating func insert(
        deadline: MonotonicInstant, _ body: @escaping () -> Void
    ) -> LoopTimer {
        if count.cancelled > 64, count.cancelled > heap.count / 2 { removeCancelled() }
        let timer = LoopTimer(deadline: deadline, queue: count, body: body)
        heap.insert(Entry(timer: timer))
        return timer
    }

    /// Takes the earliest timer that is due.
    ///
    /// The caller calls its body, which may then set and cancel timers of this same queue.
    ///
    /// - Returns: Its body; nil where none is due.
    mutating func removeDue(at now: MonotonicInstant) -> (() -> Void)? {
        while let timer = heap.min?.timer, timer.deadline <= now {
            heap.removeMin()
            if let body = timer.body {
                timer.body = nil
                return body
            }
            count.cancelled -= 1
        }
        return nil
    }

    private mutating func removeCancelled() {
        heap = Heap(heap.unordered.filter { $0.timer.isPending })
        count.cancelled = 0
    }
}
