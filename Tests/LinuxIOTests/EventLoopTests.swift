import Glibc
import LinuxIO
import Testing

/// Jobs, isolation, flushes and the end of a loop; timers and watches have suites of their own.
@Suite(.timeLimit(.minutes(1)))
final class EventLoopTests {
    private let loop: EventLoop

    init() throws {
        loop = try EventLoop(name: "test")
    }

    deinit {
        loop.stop()
    }

    // MARK: Order

    @Test func bodyRunsOnTheLoopsThread() async throws {
        let loop = loop
        #expect(!loop.isCurrent)
        #expect(try await loop.perform { loop.isCurrent })
        let other = try EventLoop(name: "other")
        defer { other.stop() }
        #expect(try await other.perform { !loop.isCurrent && other.isCurrent })
    }

    @Test func bodiesRunInTheOrderTheyWereGiven() async throws {
        let numbers = Log<Int>()
        for number in 0..<1000 { loop.execute { numbers.append(number) } }
        try await loop.perform {}
        #expect(numbers.entries == Array(0..<1000))
    }

    @Test func bodiesFromManyThreadsAllRunEachThreadsInOrder() async throws {
        let loop = loop
        let logs = (0..<8).map { _ in Log<Int>() }
        await withTaskGroup { group in
            for log in logs {
                group.addTask {
                    for number in 0..<2000 { loop.execute { log.append(number) } }
                }
            }
        }
        try await loop.perform {}
        #expect(logs.allSatisfy { $0.entries == Array(0..<2000) })
    }

    @Test func sleepingLoopIsWokenByEachOfManyThreads() async throws {
        let loop = loop
        try await withThrowingTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    // Each waits for its answer, so the loop sleeps again and again in between.
                    for number in 0..<500 {
                        let answer = try await loop.perform { number }
                        #expect(answer == number)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func whatABodyStartsRunsAfterIt() async throws {
        let loop = loop
        let order: [String] = try await loop.wait { finish in
            let order = Log<String>()
            loop.execute {
                order.append("inner")
                loop.execute { finish(order.entries) }
            }
            order.append("outer")
        }
        #expect(order == ["outer", "inner"])
    }

    // MARK: Tasks and actors

    @Test func taskWithThePreferenceStaysOnTheLoop() async {
        let loop = loop
        let places = await Task(executorPreference: loop) {
            var places = [loop.isCurrent]
            await Task.yield()
            places.append(loop.isCurrent)
            places.append(await isOnLoop(loop))
            async let child = loop.isCurrent
            places.append(await child)
            places += await withTaskGroup { group in
                for _ in 0..<3 { group.addTask { loop.isCurrent } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            await resumedFromAnotherThread()
            places.append(loop.isCurrent)
            places.append(await Plain().isOn(loop))
            return places
        }.value
        #expect(places == [Bool](repeating: true, count: 9))
    }

    @Test func blockingWorkMayLeaveAndComesBack() async {
        let loop = loop
        let places = await withTaskExecutorPreference(loop) {
            let before = loop.isCurrent
            let away = await withTaskExecutorPreference(globalConcurrentExecutor) {
                await isOnLoop(loop)
            }
            return [before, away, await isOnLoop(loop)]
        }
        #expect(places == [true, false, true])
    }

    @Test func actorThatLivesOnTheLoopIsIsolatedByIt() async throws {
        let counter = Counter(loop: loop)
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask { for _ in 0..<500 { await counter.increment() } }
            }
        }
        #expect(await counter.count == 4000)
        #expect(await counter.wasAlwaysOnTheLoop)
    }

    @Test func actorOnTheLoopIsReachedWithoutWaiting() async throws {
        let counter = Counter(loop: loop)
        try await loop.perform { incrementWithoutWaiting(counter) }
        #expect(await counter.count == 1)
    }

    @Test func taskOnTheLoopCallsAnActorOnTheLoop() async {
        let loop = loop
        let counter = Counter(loop: loop)
        let places = await withTaskExecutorPreference(loop) {
            var places: [Bool] = []
            for _ in 0..<100 {
                await counter.increment()
                places.append(await isOnLoop(loop))
            }
            return places
        }
        #expect(places == [Bool](repeating: true, count: 100))
        #expect(await counter.count == 100)
        #expect(await counter.wasAlwaysOnTheLoop)
    }

    @Test func assumingIsolationElsewhereEndsTheProgram() async {
        await #expect(processExitsWith: .failure) {
            let loop = try EventLoop(name: "elsewhere")
            incrementWithoutWaiting(Counter(loop: loop))
        }
    }

    // MARK: Flushes

    @Test func flushComesAfterAllJobsOfTheTurn() async throws {
        let loop = loop
        let order: [String] = try await loop.wait { finish in
            let order = Log<String>()
            let target = FlushTarget {
                order.append("flush")
                loop.execute { finish(order.entries) }
            }
            loop.flushLater(target)
            loop.execute {
                order.append("first job")
                loop.execute { order.append("job of a job") }
            }
            order.append("body")
        }
        #expect(order == ["body", "first job", "job of a job", "flush"])
    }

    @Test func flushThatIsWantedSoonComesBeforeTheJobsThatWait() async throws {
        let loop = loop
        let order: [String] = try await loop.wait { finish in
            let order = Log<String>()
            let target = FlushTarget { order.append("flush") }
            loop.flushLater(target)
            loop.execute {
                order.append("first job")
                loop.flushSoon()
            }
            loop.execute { order.append("second job") }
            loop.execute { finish(order.entries) }
        }
        #expect(order == ["first job", "flush", "second job"])
    }

    @Test func jobsThatAlwaysWantAFlushSoonDoNotStarveDescriptors() async throws {
        let loop = loop
        let event = try EventFD()
        let fd = event.descriptor.rawValue
        event.signal()
        try await loop.wait { finish in
            let seen = Log<String>()
            _ = try loop.watch(fd, for: .readable) { _ in
                guard seen.entries.isEmpty else { return }
                seen.append("ready")
                finish(())
            }
            @Sendable func wantFlushAgain() {
                loop.flushSoon()
                if seen.entries.isEmpty { loop.execute(wantFlushAgain) }
            }
            wantFlushAgain()
        }
        event.clear()
    }

    @Test func flushMayAskForAnotherFlush() async throws {
        let loop = loop
        let order: [String] = try await loop.wait { finish in
            let order = Log<String>()
            let second = FlushTarget {
                order.append("second")
                loop.execute { finish(order.entries) }
            }
            let first = FlushTarget {
                order.append("first")
                loop.flushLater(second)
                loop.execute { order.append("next turn") }
            }
            loop.flushLater(first)
        }
        #expect(order == ["first", "second", "next turn"])
    }

    // MARK: The end

    @Test func workThatCameBeforeTheStopRuns() async throws {
        let ending = try EventLoop(name: "ending")
        let gate = try SharedEvent()
        await withCheckedContinuation { started in
            ending.execute {
                started.resume()
                // The loop has looked for work, and will not look again before it looks whether to stop.
                var entry = pollfd(fd: gate.descriptor, events: Int16(POLLIN), revents: 0)
                poll(&entry, 1, -1)
            }
        }
        await withCheckedContinuation { continuation in
            ending.execute { continuation.resume() }
            ending.stop()
            gate.signal()
        }
    }

    @Test func workThatComesAfterTheStopIsGivenUp() async throws {
        let ending = try EventLoop(name: "ending")
        ending.stop()
        await withCheckedContinuation { continuation in
            // Would otherwise be held by the loop, and hold it.
            let sentinel = Sentinel { continuation.resume() }
            ending.execute { withExtendedLifetime((ending, sentinel)) {} }
        }
    }

    @Test(arguments: [false, true])
    func stoppedLoopEndsItsThreadAndIsReleased(stopsItself: Bool) async {
        await withCheckedContinuation { continuation in
            do {
                let ending = try EventLoop(name: "ending")
                // Goes with the loop, which goes with its thread.
                let sentinel = Sentinel { continuation.resume() }
                ending.execute {
                    ending.schedule(after: .seconds(3600)) { _ = sentinel }
                    if stopsItself { ending.stop() }
                }
                if !stopsItself { ending.stop() }
            } catch {
                Issue.record(error)
                continuation.resume()
            }
        }
    }
}

private actor Counter {
    private(set) var count = 0
    private(set) var wasAlwaysOnTheLoop = true
    private let loop: EventLoop

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(loop: EventLoop) {
        self.loop = loop
    }

    func increment() {
        count += 1
        wasAlwaysOnTheLoop = wasAlwaysOnTheLoop && loop.isCurrent
    }
}

private func incrementWithoutWaiting(_ counter: Counter) {
    counter.assumeIsolated { $0.increment() }
}

/// An actor without an executor of its own: it runs where its caller prefers.
private actor Plain {
    func isOn(_ loop: EventLoop) -> Bool { loop.isCurrent }
}

private final class FlushTarget: Flushable {
    private let body: () -> Void

    init(_ body: @escaping () -> Void) {
        self.body = body
    }

    func flush() { body() }
}

@concurrent
private func isOnLoop(_ loop: EventLoop) async -> Bool { loop.isCurrent }

@concurrent
private func resumedFromAnotherThread() async {
    await withCheckedContinuation { continuation in
        Task.detached { continuation.resume() }
    }
}
