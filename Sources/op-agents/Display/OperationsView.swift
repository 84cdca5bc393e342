import AgentClient

/// An agent's operations as a table.
enum OperationsView {
    /// The lines to show.
    ///
    /// - Parameters:
    ///   - operations: The operations.
    ///   - palette: Paints them.
    /// - Returns: The table.
    static func lines(_ operations: [AgentOperation], _ palette: Palette) -> [String] {
        var table = Table([
            .init(heading: "OPERATION"), .init(heading: "ALIASES"), .init(heading: "KIND"),
            .init(heading: "DESCRIPTION"),
        ])
        for operation in operations {
            var kinds: [String] = []
            if operation.isStreaming { kinds.append("stream") }
            if operation.isReadOnly { kinds.append("read-only") }
            table.add([
                Table.Cell(operation.name),
                Table.Cell(operation.aliases.joined(separator: ","), .faint),
                Table.Cell(kinds.joined(separator: ",")),
                Table.Cell(operation.description),
            ])
        }
        return table.lines(palette)
    }
}
