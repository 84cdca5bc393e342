import AgentAPI
import GRPCCore
import LinuxIO
import Testing

@testable import AgentRuntime

struct CallCountersTests {
    private static let service = "op.agents.v1.Test"
    private static let methods = [
        MethodDescriptor(fullyQualifiedService: service, method: "Recall", type: .unary),
        MethodDescriptor(
            fullyQualifiedService: service, method: "BulkRecall", type: .serverStreaming),
        MethodDescriptor(fullyQualifiedService: service, method: "Store", type: .unary),
    ]

    private let counters = CallCounters(
        of: OperationTable(
            agentID: "test",
            operations: [
                Operation("remember", aliases: ["store"], "Keeps.", arguments: []) { _, _ in
                    OperationResult(summary: "kept", fields: [:])
                },
                Operation("recall", "Finds.", arguments: []) { _, _ in
                    OperationResult(summary: "found", fields: [:])
                },
            ]), methods: methods)

    @Test(
        arguments: [
            ("remember", "remember"), ("store", "remember"), ("recall", "recall"),
            ("bulk_recall", "bulk_recall"), ("Recall", "other"), ("", "other"),
        ])
    func aNameCountsAsItsOperation(name: String, operation: String) {
        counters[name].count(.ok, since: .now)
        #expect(counters.readings.filter { $0.calls > 0 }.map(\.operation) == [operation])
    }

    @Test(arguments: zip(methods, ["recall", "bulk_recall", "remember"]))
    func aMethodCountsAsTheOperationOfItsName(method: MethodDescriptor, operation: String) {
        counters.counter(of: method).count(.ok, since: .now)
        #expect(counters.readings.filter { $0.calls > 0 }.map(\.operation) == [operation])
        #expect(counters.isStreaming(method) == (method.method == "BulkRecall"))
    }

    @Test func operationsAreThereBeforeTheyAreCalled() {
        #expect(counters.readings.map(\.operation) == ["remember", "recall", "bulk_recall"])
    }
}
