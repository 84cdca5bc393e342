import LinuxIO
import Testing

@Suite(.timeLimit(.minutes(1)))
final class EventLoopTimerTests {
    private let loop: EventLoop

    init() throws {
        loop = try EventLoop(name: "timers")
    }

    deinit {
        loop.stop()
    }

    @Test func timersFireInTheOrderOfTheirDeadlines() async throws {
        let loop = loop
        let deadlines: [MonotonicInstant] = try await loop.wait { finish in
            let deadlines = Log<MonotonicInstant>()
            for milliseconds in [3, 1, 2] {
                var timer: LoopTimer?
                timer = loop.schedule(after: .milliseconds(milliseconds)) {
                    if let timer { deadlines.append(timer.deadline) }
                    if deadlines.entries.count == 3 { finish(deadlines.entries) }
                }
            }
        }
        #expect(deadlines == deadlines.sorted())
    }

    @Test func timerFiresOnTheLoopNotBeforeItsDeadline() async throws {
        let loop = loop
        let (isOnLoop, early): (Bool, Duration) = try await loop.wait { finish in
            let deadline = MonotonicInstant.now + .milliseconds(2)
            loop.schedule(after: .milliseconds(2)) {
                finish((loop.isCurrent, deadline.since(.now)))
            }
        }
        #expect(isOnLoop)
        #expect(early == .zero)
    }

    @Test func cancelledTimerDoesNotFire() async throws {
        let loop = loop
        let fired: [String] = try await loop.wait { finish in
            let fired = Log<String>()
            let cancelled = loop.schedule(after: .milliseconds(1)) { fired.append("cancelled") }
            loop.schedule(after: .milliseconds(2)) { finish(fired.entries) }
            cancelled.cancel()
        }
        #expect(fired == [])
    }

    @Test func timerMayCancelOneThatIsDueToo() async throws {
        let loop = loop
        let fired: [String] = try await loop.wait { finish in
            let fired = Log<String>()
            var second: LoopTimer?
            loop.schedule(after: .zero) {
                fired.append("first")
                second?.cancel()
            }
            second = loop.schedule(after: .nanoseconds(1)) { fired.append("second") }
            loop.schedule(after: .milliseconds(1)) { finish(fired.entries) }
        }
        #expect(fired == ["first"])
    }

    @Test func timerMaySetTimers() async throws {
        let loop = loop
        let fired: [Int] = try await loop.wait { finish in
            let fired = Log<Int>()
            func fire(_ number: Int) {
                fired.append(number)
                guard number < 5 else { return finish(fired.entries) }
                loop.schedule(after: .zero) { fire(number + 1) }
            }
            loop.schedule(after: .zero) { fire(1) }
        }
        #expect(fired == [1, 2, 3, 4, 5])
    }

    @Test func earlierTimerIsNotHeldUpByALaterOneThatWasArmedBefore() async throws {
        let loop = loop
        let far = try await loop.perform {
            Confined(loop.schedule(after: .seconds(3600)) { Issue.record("an hour has passed") })
        }
        // After several wake-ups the loop has slept with the far deadline armed.
        for _ in 0..<50 { try await loop.perform {} }
        let _: Bool = try await loop.wait { finish in
            loop.schedule(after: .milliseconds(1)) { finish(true) }
        }
        #expect(try await loop.perform { far.value.isPending })
    }

    @Test func deadlineOfACancelledTimerHoldsNothingUp() async throws {
        let loop = loop
        // Armed for the first, which is cancelled; the loop wakes for it, finds nothing due, and must
        // arm itself for the second.
        let fired: String = try await loop.wait { finish in
            let first = loop.schedule(after: .milliseconds(1)) { finish("first") }
            loop.schedule(after: .milliseconds(3)) { finish("second") }
            let event = try SharedEvent()
            var watch: Watch?
            watch = try loop.watch(event.descriptor, for: .readable) { _ in
                watch?.cancel()
                first.cancel()
                event.clear()
            }
            event.signal()
        }
        #expect(fired == "second")
    }

    @Test func timersFireWhileJobsKeepTheLoopBusy() async throws {
        let loop = loop
        let _: Bool = try await loop.wait { finish in
            let isDone = Log<Bool>()
            @Sendable func spin() {
                guard isDone.entries.isEmpty else { return finish(true) }
                loop.execute { spin() }
            }
            loop.schedule(after: .milliseconds(1)) { isDone.append(true) }
            spin()
        }
    }

    /// Carries what belongs to the loop's thread out of it and back.
    private final class Confined<Value>: @unchecked Sendable {
        // Sendable as the test touches the value in bodies that the loop runs, only.
        let value: Value

        init(_ value: Value) {
            self.value = value
        }
    }
}
