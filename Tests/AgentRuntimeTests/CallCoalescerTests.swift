import AgentRuntime
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct CallCoalescerTests {
    private let coalescer = CallCoalescer<String, Int>()
    private let runs = Counter()

    private final class Counter: Sendable {
        private let value = Mutex(0)
        func next() -> Int {
            value.withLock {
                $0 += 1; return $0
            }
        }
        var count: Int { value.withLock { $0 } }
    }

    /// A caller that waits already when this returns.
    private func join(_ key: String, _ body: @escaping @Sendable () async throws -> Int)
        -> Task<Int, any Error>
    {
        Task.immediate { try await coalescer.value(for: key, body) }
    }

    @Test
    func identicalCallsShareOneRun() async throws {
        let mayEnd = Gate()
        let callers = [
            join("a") {
                await mayEnd.wait(); return runs.next()
            },
            join("a") {
                await mayEnd.wait(); return runs.next()
            },
            join("b") {
                await mayEnd.wait(); return 100 + runs.next()
            },
        ]
        mayEnd.open()
        let values = [try await callers[0].value, try await callers[1].value]
        #expect(values[0] == values[1])
        #expect(try await callers[2].value > 100)
        #expect(runs.count == 2)
    }

    @Test
    func aFinishedRunIsNotJoined() async throws {
        #expect(try await coalescer.value(for: "a") { runs.next() } == 1)
        #expect(try await coalescer.value(for: "a") { runs.next() } == 2)
    }

    @Test
    func allThatWaitGetTheError() async throws {
        struct Failure: Error {}
        let mayEnd = Gate()
        let callers = [
            join("a") {
                await mayEnd.wait(); throw Failure()
            }, join("a") { 1 },
        ]
        mayEnd.open()
        for caller in callers { await #expect(throws: Failure.self) { try await caller.value } }
    }

    @Test
    func oneThatLeavesLeavesTheOthersTheirRun() async throws {
        let mayEnd = Gate()
        let first = join("a") {
            await mayEnd.wait(); try Task.checkCancellation(); return 7
        }
        let second = join("a") { 8 }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        mayEnd.open()
        #expect(try await second.value == 7)
    }

    @Test
    func theLastOneToLeaveCancelsTheRunAndWaitsForItsEnd() async throws {
        let cleanUp = Gate()
        let isOver = Mutex(false)
        let caller = join("a") {
            do { return try await untilCancelled(as: Int.self) } catch {
                await cleanUp.wait()
                isOver.withLock { $0 = true }
                throw error
            }
        }
        caller.cancel()
        // A newcomer does not join a run that is being cancelled.
        #expect(try await coalescer.value(for: "a") { 9 } == 9)
        #expect(!isOver.withLock { $0 })
        cleanUp.open()
        await #expect(throws: CancellationError.self) { try await caller.value }
        #expect(isOver.withLock { $0 })
    }
}
