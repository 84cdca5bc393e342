package import AgentAPI
package import GRPCCore

/// Counts the calls of one agent: a counter for each of its operations, and one for all names that are none.
package struct CallCounters: Sendable {
    /// What calls of names that are no operation count as.
    package static let otherOperation = "other"

    private var names: [String] = []
    private var counters: [String: CallCounter] = [:]
    private let other = CallCounter()
    private var streamingMethods: Set<String> = []

    /// Creates counters that have counted nothing.
    ///
    /// - Parameters:
    ///   - table: The agent's operations; an alias counts as the operation.
    ///   - methods: Those of its typed services: a method counts as the operation that has its name in
    ///     snake_case, or by that name where there is none.
    package init(of table: OperationTable, methods: [MethodDescriptor] = []) {
        for operation in table.operations {
            add([operation.name] + operation.aliases)
        }
        for method in methods.sorted(by: { $0.method < $1.method }) {
            let name = Self.operation(of: method.method)
            if counters[name] == nil { add([name]) }
            if method.type == .serverStreaming || method.type == .bidirectionalStreaming {
                streamingMethods.insert(method.fullyQualifiedMethod)
            }
        }
    }

    /// The counter of an operation, by its name or an alias.
    package subscript(operation: String) -> CallCounter { counters[operation] ?? other }

    /// The counter of a method of a typed service.
    func counter(of method: MethodDescriptor) -> CallCounter {
        self[Self.operation(of: method.method)]
    }

    /// Whether a method's answer is a stream.
    func isStreaming(_ method: MethodDescriptor) -> Bool {
        streamingMethods.contains(method.fullyQualifiedMethod)
    }

    /// What was counted so far, in the order of the table.
    package var readings: [Op_Agents_V1_OperationMetrics] {
        let others = other.reading(of: Self.otherOperation)
        return names.map { self[$0].reading(of: $0) } + (others.calls > 0 ? [others] : [])
    }

    /// - Parameter operation: Its name, and its aliases behind it.
    private mutating func add(_ operation: [String]) {
        let counter = CallCounter()
        names += operation.prefix(1)
        for name in operation { counters[name] = counter }
    }

    /// `bulk_recall` for `BulkRecall`.
    private static func operation(of method: String) -> String {
        var name = ""
        for character in method {
            if character.isUppercase, !name.isEmpty { name += "_" }
            name += character.lowercased()
        }
        return name
    }
}
