import AgentManifest

/// A configuration in which nothing is wrong.
enum ConfigurationView {
    /// The lines to show.
    ///
    /// - Parameters:
    ///   - configuration: The configuration.
    ///   - palette: Paints them.
    /// - Returns: The addresses, where the metrics are, who may call, the agents as a table, and the notes.
    static func lines(_ configuration: FleetConfiguration, _ palette: Palette) -> [String] {
        let file = configuration.file ?? "no file, all is default"
        let addresses = configuration.supervisor.addresses.map(\.description)
        var lines = [
            "\(palette.paint("fine", .good)): \(file.printable)",
            "op-supervisor: \(addresses.joined(separator: ", "))",
            "metrics: \(configuration.supervisor.metricsAddress?.description ?? "off")",
            "callers: \(callers(configuration.supervisor.allowed))",
        ]
        if !configuration.agents.isEmpty {
            var table = Table([
                .init(heading: "AGENT"), .init(heading: "PORT", isNumber: true),
                .init(heading: "START"), .init(heading: "PROGRAM"),
            ])
            for agent in configuration.agents {
                table.add([
                    Table.Cell(agent.id.rawValue), Table.Cell("\(agent.port)"),
                    Table.Cell(agent.start.rawValue), Table.Cell(agent.executable),
                ])
            }
            lines += [""] + table.lines(palette)
        }
        if !configuration.notes.isEmpty {
            lines += [""] + configuration.notes.map { palette.paint("note: ", .changing) + $0 }
        }
        return lines
    }

    /// Who may call, in words.
    private static func callers(_ allowed: AllowedAccounts) -> String {
        let users = allowed.users.sorted().map { "user \($0)" }
        let groups = allowed.groups.sorted().map { "group \($0)" }
        return (["root", "the user of op-supervisor"] + users + groups).joined(separator: ", ")
    }
}
