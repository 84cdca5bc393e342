import AgentAPI
import GRPCCore
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SerializedWriterTests {
    /// Refuses a second write while the first is being taken.
    private final class Exclusive: RPCWriterProtocol {
        let isTaken = Atomic(false)
        let count = Mutex(0)

        func write(_ element: Int) async throws {
            let (isFree, _) = isTaken.compareExchange(
                expected: false, desired: true, ordering: .sequentiallyConsistent)
            #expect(isFree)
            await Task.yield()
            count.withLock { $0 += 1 }
            isTaken.store(false, ordering: .sequentiallyConsistent)
        }

        func write(contentsOf elements: some Sequence<Int>) async throws {}
    }

    @Test
    func oneWritesAtATime() async throws {
        let exclusive = Exclusive()
        let writer = SerializedWriter(RPCWriter(wrapping: exclusive))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<100 { group.addTask { try await writer.write(number) } }
            try await group.waitForAll()
        }
        #expect(exclusive.count.withLock { $0 } == 100)
    }

    @Test
    func aFailedWriteLetsTheNextOneThrough() async throws {
        struct Broken: RPCWriterProtocol {
            func write(_ element: Int) async throws {
                throw RPCError(code: .unavailable, message: "gone")
            }
            func write(contentsOf elements: some Sequence<Int>) async throws {}
        }
        let writer = SerializedWriter(RPCWriter(wrapping: Broken()))
        for _ in 0..<2 { await #expect(throws: RPCError.self) { try await writer.write(1) } }
    }
}
