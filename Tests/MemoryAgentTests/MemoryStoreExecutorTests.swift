import AgentRuntime
import Dispatch
import Testing

@testable import MemoryAgent

struct MemoryStoreExecutorTests {
    @Test func shortCallsStayOnTheLoopAndLongOnesLeaveIt() async throws {
        let test = try TestStore()
        let store = test.store
        let loop = QueueExecutor()
        try await withTaskExecutorPreference(loop) { @concurrent in
            let isShortOnLoop = try await store.soon { _ in loop.isCurrent }
            let isLongOnLoop = try await store.atLength { _ in loop.isCurrent }
            #expect(isShortOnLoop)
            #expect(!isLongOnLoop)
            #expect(loop.isCurrent)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func aShortCallLeavesTheLoopWhereALongWriteHoldsTheWriter() async throws {
        let test = try TestStore()
        let store = test.store
        let loop = QueueExecutor()
        let mayEnd = DispatchSemaphore(value: 0)
        let (started, hasStarted) = AsyncStream<Void>.makeStream()
        DispatchQueue.global().async {
            try? store.database.writeAtLength("write at length") { _ in
                hasStarted.yield()
                mayEnd.wait()
            }
            hasStarted.finish()
        }
        var events = started.makeAsyncIterator()
        _ = await events.next()
        try await withTaskExecutorPreference(loop) { @concurrent in
            let isOnLoop = try await store.soon { _ in loop.isCurrent }
            #expect(!isOnLoop)
        }
        mayEnd.signal()
        #expect(await events.next() == nil)
    }
}

/// Stands for an event loop: one thread at a time, and it knows when it is the one that runs.
private final class QueueExecutor: TaskExecutor {
    private let queue = DispatchQueue(label: "loop")
    private let key = DispatchSpecificKey<Bool>()

    init() {
        queue.setSpecific(key: key, value: true)
    }

    var isCurrent: Bool { DispatchQueue.getSpecific(key: key) == true }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
