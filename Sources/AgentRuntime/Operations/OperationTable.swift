package import AgentAPI

/// The operations of one agent, by their names and aliases.
package struct OperationTable: Sendable {
    /// The agent's id.
    package let agentID: String
    /// In the order in which they are listed.
    package let operations: [Operation]

    private let indexByName: [String: Int]

    /// Creates a table.
    ///
    /// - Parameters:
    ///   - agentID: The agent's id.
    ///   - operations: No two share a name or an alias.
    package init(agentID: String, operations: [Operation]) {
        var indexByName: [String: Int] = [:]
        for (index, operation) in operations.enumerated() {
            for name in [operation.name] + operation.aliases {
                let previous = indexByName.updateValue(index, forKey: name)
                precondition(previous == nil, "\(agentID) has two operations named \(name)")
            }
        }
        self.agentID = agentID
        self.operations = operations
        self.indexByName = indexByName
    }

    /// Finds an operation.
    ///
    /// - Parameter name: A name or an alias.
    /// - Returns: The operation.
    /// - Throws: ``OperationError/Code/unimplemented`` with the names that exist.
    package func operation(named name: String) throws(OperationError) -> Operation {
        guard let index = indexByName[name] else {
            let names = operations.map(\.name).joined(separator: ", ")
            throw OperationError(
                .unimplemented,
                "cannot run \"\(name.prefix(128))\": \(agentID) has no such operation; it has \(names)"
            )
        }
        return operations[index]
    }

    /// What ListOperations answers.
    package var listing: [Op_Agents_V1_OperationInfo] {
        operations.map { operation in
            var info = Op_Agents_V1_OperationInfo()
            info.name = operation.name
            info.aliases = operation.aliases
            info.description_p = operation.description
            info.streaming = operation.isStreaming
            info.readOnly = operation.isReadOnly
            info.argumentsSchemaJson = Argument.schema(of: operation.arguments).text
            return info
        }
    }
}
