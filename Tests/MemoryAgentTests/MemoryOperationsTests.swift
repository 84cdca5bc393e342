import AgentRuntime
import Logging
import Testing

@testable import MemoryAgent

struct MemoryOperationsTests {
    let test: TestStore
    let operations: [Operation]

    init() throws {
        test = try TestStore()
        operations = MemoryOperations(store: test.store).all
    }

    /// Calls an operation as the runtime does.
    private func call(_ name: String, _ json: String) async throws -> OperationResult {
        let operation = try #require(
            operations.first { $0.name == name || $0.aliases.contains(name) })
        let context = CallContext(
            sessionID: nil, requestID: "test", output: SilentOutput(),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        return try await operation.body(
            try Arguments(json: json, expecting: operation.arguments), context)
    }

    @Test func theNamesAreTheContract() {
        #expect(
            operations.flatMap { [$0.name] + $0.aliases } == [
                "remember", "store", "recall", "forget", "list", "search", "bulk_remember",
                "bulk_recall", "bulk_forget",
            ])
        #expect(
            operations.filter(\.isReadOnly).map(\.name) == [
                "recall", "list", "search", "bulk_recall",
            ])
    }

    @Test(arguments: ["remember", "store"])
    func rememberAnswersTheVersion(name: String) async throws {
        let result = try await call(name, #"{"key": "k", "value": "v", "ttlSecs": "60"}"#)
        #expect(
            result.fields == [
                "key": "k", "version": 1, "was_overwrite": false,
                "expires_at": "2026-01-01T00:01:00.000000Z",
            ])
        #expect(result.summary == #"stored "k", version 1"#)
        let second = try await call(name, #"{"key": "k", "value": 2, "tags": "a,b"}"#)
        #expect(second.fields["was_overwrite"] == true)
        #expect(second.fields["expires_at"] == .null)
        #expect(try test.recall("k")?.value == "2")
        #expect(try test.recall("k")?.tags == ["a", "b"])
    }

    @Test(arguments: [
        (#"{"key": "k", "value": "v", "overwrite": false}"#, OperationError.Code.alreadyExists),
        (#"{"key": "k", "value": "v", "if_version": 9}"#, .aborted),
        (#"{"key": "", "value": "v"}"#, .invalidArgument),
        (#"{"value": "v"}"#, .invalidArgument),
        (#"{"key": "k", "value": "v", "ttl": 3}"#, .invalidArgument),
    ])
    func refusalsHaveTheirStatus(json: String, expected: OperationError.Code) async throws {
        try test.remember("k")
        let error = await #expect(throws: OperationError.self) {
            _ = try await call("remember", json)
        }
        #expect(error?.code == expected)
    }

    @Test func recallAnswersTheEntryOrAMiss() async throws {
        try test.remember("k", "v", tags: ["t"], in: "ns")
        let hit = try await call("recall", #"{"key": "k", "namespace": "ns"}"#)
        #expect(
            hit.fields == [
                "found": true, "key": "k", "value": "v", "tags": ["t"], "version": 1,
                "created_at": "2026-01-01T00:00:00.000000Z",
                "updated_at": "2026-01-01T00:00:00.000000Z", "accessed_at": .null,
                "expires_at": .null,
            ])
        let miss = try await call("recall", #"{"key": "k"}"#)
        #expect(miss.success)
        #expect(miss.fields == ["found": false, "key": "k"])
    }

    @Test func forgetAnswersWhetherItExisted() async throws {
        try test.remember("k")
        #expect(try await call("forget", #"{"key": "k"}"#).fields["existed"] == true)
        #expect(try await call("forget", #"{"key": "k"}"#).fields["existed"] == false)
    }

    @Test func listAnswersPages() async throws {
        for key in ["a", "b", "c"] { try test.remember(key) }
        let first = try await call("list", #"{"limit": 2}"#)
        #expect(first.fields["keys"] == ["a", "b"])
        #expect(first.fields["total"] == 3)
        guard case .string(let cursor) = first.fields["next_cursor"] else {
            Issue.record("a first page of two has no cursor")
            return
        }
        let second = try await call("list", #"{"limit": 2, "cursor": "\#(cursor)"}"#)
        #expect(second.fields["keys"] == ["c"])
        #expect(second.fields["next_cursor"] == .null)
    }

    @Test func searchAnswersEntriesWithScores() async throws {
        try test.remember("k", "some words", tags: ["t"])
        let result = try await call("search", #"{"query": "word", "min_score": 0.5}"#)
        #expect(
            result.fields == [
                "entries": [
                    ["key": "k", "value": "some words", "score": 1.0, "tags": ["t"]]
                ]
            ])
    }

    @Test func bulkRememberAnswersCountsAndErrors() async throws {
        let json = """
            {"entries": [{"key": "a", "value": "1"}, {"value": "no key"}, {"key": "b", "value": "2", \
            "ttl_secs": 9223372036854775807}, {"key": "a", "value": "3", "namespace": "other"}]
            """
        let result = try await call("bulk_remember", json + "}")
        #expect(!result.success)
        #expect(result.fields["stored"] == 2)
        #expect(result.fields["overwritten"] == 0)
        #expect(
            result.fields["errors"] == [
                [
                    "index": 1,
                    "message": "cannot use the argument key: it is empty; send 1 to 512 bytes",
                ],
                [
                    "index": 2,
                    "message":
                        "cannot use the argument ttl_secs: it is 9223372036854775807; send at most 3155760000 (100 years), or 0 for never",
                ],
            ])
        #expect(try test.recall("a", in: "other")?.value == "3")
        let atomic = try await call("bulk_remember", json + #", "atomic": true}"#)
        #expect(atomic.fields["stored"] == 0)
        #expect(try test.recall("a")?.version == 1)
    }

    @Test func bulkRecallAnswersInOrder() async throws {
        try test.remember("a", "1")
        let result = try await call("bulk_recall", #"{"keys": ["x", "a", ""]}"#)
        #expect(result.fields["found"] == 1)
        #expect(result.fields["missing"] == 1)
        guard case .array(let entries) = result.fields["entries"], entries.count == 2,
            case .object(let second) = entries[1]
        else {
            Issue.record("no two entries in \(result.fields)")
            return
        }
        #expect(entries[0] == ["found": false, "key": "x"])
        #expect(second["value"] == "1")
        #expect(result.fields["errors"] != [])
    }

    @Test func bulkForgetAnswersCounts() async throws {
        try test.remember("a")
        let result = try await call("bulk_forget", #"{"keys": ["a", "b"]}"#)
        #expect(result.fields == ["forgotten": 1, "errors": []])
    }
}

private struct SilentOutput: OutputSink {
    func write(_ bytes: [UInt8], to stream: OutputStream) async throws {}
}
