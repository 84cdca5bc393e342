import GRPCCore
import Synchronization
import Testing

@testable import AgentClient

@Suite(.timeLimit(.minutes(1)))
struct RelayTests {
    @Test func elementsArriveInOrderAndThenTheEnd() async throws {
        let relay = Relay<Int>()
        async let sent: Void = {
            for number in 0..<1_000 { try await relay.send(number) }
            relay.finish(.success(()))
        }()
        var received: [Int] = []
        while let number = try await relay.next() { received.append(number) }
        try await sent
        #expect(received == Array(0..<1_000))
        #expect(try await relay.next() == nil)
    }

    @Test func aBrokenStreamEndsAfterWhatWasSent() async throws {
        let relay = Relay<Int>()
        try await relay.send(1)
        relay.finish(.failure(AgentCallError(.unavailable, "gone")))
        #expect(try await relay.next() == 1)
        await #expect(throws: AgentCallError(.unavailable, "gone")) { try await relay.next() }
    }

    @Test func aWaitingReaderIsToldOfTheEnd() async throws {
        let relay = Relay<Int>()
        async let last = relay.next()
        relay.finish(.success(()))
        #expect(try await last == nil)
    }

    @Test func aSlowReaderHoldsUpTheWriter() async throws {
        let relay = Relay<Int>()
        let sent = Mutex(0)
        let writer = Task {
            for number in 0..<100 {
                try await relay.send(number)
                sent.withLock { $0 = number + 1 }
            }
            relay.finish(.success(()))
        }
        for number in 0..<100 {
            #expect(try await relay.next() == number)
            // At most the buffer ahead of the reader, and the one that filled it.
            #expect(sent.withLock { $0 } <= number + 1 + 16)
        }
        #expect(try await relay.next() == nil)
        try await writer.value
    }

    @Test func aCancelledWriterIsLetGo() async {
        let relay = Relay<Int>()
        let writer = Task {
            while true { try await relay.send(0) }
        }
        writer.cancel()
        await #expect(throws: CancellationError.self) { try await writer.value }
    }
}
