import AgentAPI
import AgentRuntime
import GRPCCore
import SwiftProtobuf
import Synchronization
import Testing

@testable import MemoryAgent

struct MemoryServiceTests {
    let test: TestStore
    let service: MemoryService

    init() throws {
        test = try TestStore()
        service = MemoryService(store: test.store)
    }

    private func context() -> ServerContext {
        ServerContext(
            descriptor: MethodDescriptor(
                fullyQualifiedService: "op.agents.v1.Memory", method: "Test"),
            remotePeer: "test", localPeer: "test", cancellation: .init())
    }

    private func entry(
        _ key: String, _ value: String = "v"
    ) -> Op_Agents_V1_MemoryRememberRequest {
        .with {
            $0.key = key
            $0.value = value
        }
    }

    private func bulkRemember(
        _ entries: [Op_Agents_V1_MemoryRememberRequest]
    ) async throws -> Op_Agents_V1_MemoryBulkRememberResponse {
        let (stream, continuation) = AsyncThrowingStream<
            Op_Agents_V1_MemoryRememberRequest, any Error
        >.makeStream()
        for entry in entries { continuation.yield(entry) }
        continuation.finish()
        return try await service.bulkRemember(
            request: RPCAsyncSequence(wrapping: stream), context: context())
    }

    @Test func rememberAndRecallCarryEveryField() async throws {
        var request = entry("k", "v")
        request.tags = ["a", "b"]
        request.ttlSecs = 60
        request.namespace = "ns"
        request.ifVersion = 0
        let stored = try await service.remember(request: request, context: context())
        #expect(stored.key == "k")
        #expect(stored.version == 1)
        #expect(!stored.wasOverwrite)
        #expect(stored.expiresAt.seconds == test.clock.now.microseconds / 1_000_000 + 60)
        let found = try await service.recall(
            request: .with {
                $0.key = "k"
                $0.namespace = "ns"
            }, context: context())
        #expect(found.found)
        #expect(found.value == "v")
        #expect(found.tags == ["a", "b"])
        #expect(found.createdAt == found.updatedAt)
        #expect(!found.hasAccessedAt)
        #expect(found.expiresAt == stored.expiresAt)
    }

    @Test func whatIsNotSetHasItsDefault() async throws {
        _ = try await service.remember(request: entry("k", "1"), context: context())
        let second = try await service.remember(request: entry("k", "2"), context: context())
        #expect(second.wasOverwrite)
        #expect(!second.hasExpiresAt)
        var refused = entry("k", "3")
        refused.overwrite = false
        let request = refused
        let error = await #expect(throws: OperationError.self) {
            try await service.remember(request: request, context: context())
        }
        #expect(error?.code == .alreadyExists)
        let page = try await service.list(request: .init(), context: context())
        #expect(page.keys == ["k"])
        #expect(page.nextCursor == "")
    }

    @Test func aMissIsAnAnswer() async throws {
        let request = Op_Agents_V1_MemoryRecallRequest.with { $0.key = "missing" }
        let response = try await service.recall(request: request, context: context())
        #expect(!response.found)
        #expect(response.key == "missing")
    }

    @Test func listsGoOnAtTheirCursor() async throws {
        for key in ["a", "b", "c"] { try test.remember(key, tags: ["t"]) }
        var request = Op_Agents_V1_MemoryListRequest.with {
            $0.tag = "t"
            $0.limit = 2
        }
        let first = try await service.list(request: request, context: context())
        #expect(first.keys == ["a", "b"])
        #expect(first.total == 3)
        request.cursor = first.nextCursor
        let second = try await service.list(request: request, context: context())
        #expect(second.keys == ["c"])
        #expect(second.nextCursor == "")
    }

    @Test func searchesThatFillAMessageAreRefusedWithTheRemedy() async throws {
        let value = "word " + String(repeating: "x", count: MemoryLimits.valueBytes - 5)
        for number in 0..<5 { try test.remember("k\(number)", value) }
        var request = Op_Agents_V1_MemorySearchRequest.with { $0.query = "word" }
        let refused = request
        let error = await #expect(throws: OperationError.self) {
            try await service.search(request: refused, context: context())
        }
        #expect(error?.code == .resourceExhausted)
        request.limit = 3
        let response = try await service.search(request: request, context: context())
        #expect(response.entries.count == 3)
        #expect(response.entries.first?.score == 1)
    }

    @Test func aStreamIsStoredWithErrorsAtTheirPlaces() async throws {
        var entries = (0..<300).map { entry("k\($0)") }
        entries[5].key = ""
        entries[290].key = ""
        entries[299].key = "k0"
        let response = try await bulkRemember(entries)
        #expect(response.stored == 298)
        #expect(response.overwritten == 1)
        #expect(response.errors.map(\.index) == [5, 290])
        #expect(try test.store.list(ListQuery()).total == 297)
    }

    @Test(arguments: [10_000, 10_001])
    func aStreamHasAtMostTenThousandEntries(count: Int) async throws {
        let entries = (0..<count).map { entry("k\($0)") }
        if count > MemoryLimits.bulkCount {
            let error = await #expect(throws: OperationError.self) {
                try await bulkRemember(entries)
            }
            #expect(error?.code == .invalidArgument)
        } else {
            #expect(try await bulkRemember(entries).stored == UInt32(count))
        }
        #expect(try test.store.list(ListQuery()).total == 10_000)
    }

    @Test func manyAreAnsweredInOrderWithTheMisses() async throws {
        let value = String(repeating: "x", count: MemoryLimits.valueBytes)
        for number in 0..<7 { try test.remember("k\(number)", value) }
        let answers = Answers()
        let keys = ["missing"] + (0..<7).map { "k\($0)" } + ["k0"]
        try await service.bulkRecall(
            request: .with { $0.keys = keys }, response: RPCWriter(wrapping: answers),
            context: context())
        let received = answers.received.withLock { $0 }
        #expect(received.map(\.key) == keys)
        #expect(received.map(\.found) == [false] + Array(repeating: true, count: 8))
    }

    @Test func manyAreForgotten() async throws {
        for key in ["a", "b"] { try test.remember(key) }
        let refused = try await service.bulkForget(
            request: .with {
                $0.keys = ["a", ""]
                $0.atomic = true
            }, context: context())
        #expect(refused.forgotten == 0)
        #expect(refused.errors.map(\.index) == [1])
        let response = try await service.bulkForget(
            request: .with { $0.keys = ["a", "", "b", "c"] }, context: context())
        #expect(response.forgotten == 2)
        #expect(try test.store.list(ListQuery()).total == 0)
    }
}

/// Keeps what a service streams.
private final class Answers: RPCWriterProtocol {
    let received = Mutex<[Op_Agents_V1_MemoryRecallResponse]>([])

    func write(_ element: Op_Agents_V1_MemoryRecallResponse) async throws {
        received.withLock { $0.append(element) }
    }

    func write(
        contentsOf elements: some Sequence<Op_Agents_V1_MemoryRecallResponse>
    ) async throws {
        received.withLock { $0 += elements }
    }
}
