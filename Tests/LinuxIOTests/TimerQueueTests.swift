import Testing

@testable import LinuxIO

struct TimerQueueTests {
    private let log = Log<Int>()

    @Test func dueTimersComeEarliestFirst() {
        var queue = TimerQueue()
        for number in [5, 1, 4, 2, 3] { insert(number, at: UInt64(number) * 10, into: &queue) }
        #expect(queue.earliestDeadline == MonotonicInstant(nanoseconds: 10))
        fire(&queue, at: 9)
        #expect(log.entries == [])
        fire(&queue, at: 30)
        #expect(log.entries == [1, 2, 3])
        #expect(queue.earliestDeadline == MonotonicInstant(nanoseconds: 40))
        fire(&queue, at: .max)
        #expect(log.entries == [1, 2, 3, 4, 5])
        #expect(queue.isEmpty)
    }

    @Test func cancelledTimerIsPassedOver() {
        var queue = TimerQueue()
        insert(1, at: 10, into: &queue)
        let cancelled = insert(2, at: 20, into: &queue)
        insert(3, at: 30, into: &queue)
        cancelled.cancel()
        cancelled.cancel()
        #expect(!cancelled.isPending)
        fire(&queue, at: 100)
        #expect(log.entries == [1, 3])
        #expect(queue.isEmpty)
    }

    @Test func firedTimerIsNoLongerPending() {
        var queue = TimerQueue()
        let timer = insert(1, at: 10, into: &queue)
        #expect(timer.isPending)
        fire(&queue, at: 10)
        #expect(!timer.isPending)
        timer.cancel()
        #expect(queue.isEmpty)
    }

    @Test func massCancellationLeavesNoTimersBehind() {
        var queue = TimerQueue()
        let far: UInt64 = 1_000_000
        let kept = (0..<100).map { insert($0, at: far + UInt64($0), into: &queue) }
        var cancelled = (0..<10_000).map { Weak(insert($0, at: far, into: &queue)) }
        for timer in cancelled { timer.object?.cancel() }
        insert(100, at: far + 100, into: &queue)

        cancelled.removeAll { $0.object == nil }
        #expect(cancelled.isEmpty)
        #expect(kept.allSatisfy { $0.isPending })
        fire(&queue, at: .max)
        #expect(log.entries == Array(0...100))
    }

    @Test func cancelledTimersThatCameUpAreNotCountedAgain() {
        var queue = TimerQueue()
        // Enough rounds that a count that only grew would pass every bound.
        for round in 0..<10 {
            let timers = (0..<64).map { insert($0, at: 10, into: &queue) }
            for timer in timers { timer.cancel() }
            fire(&queue, at: 10)
            #expect(queue.isEmpty)
            insert(round, at: 20, into: &queue)
            fire(&queue, at: 20)
        }
        #expect(log.entries == Array(0..<10))
    }

    private struct Weak {
        weak var object: LoopTimer?

        init(_ object: LoopTimer) {
            self.object = object
        }
    }

    @discardableResult
    private func insert(
        _ number: Int, at nanoseconds: UInt64, into queue: inout TimerQueue
    ) -> LoopTimer {
        queue.insert(deadline: MonotonicInstant(nanoseconds: nanoseconds)) {
            log.append(number)
        }
    }

    private func fire(_ queue: inout TimerQueue, at nanoseconds: UInt64) {
        while let body = queue.removeDue(at: MonotonicInstant(nanoseconds: nanoseconds)) { body() }
    }
}
