import AgentClient
import ArgumentParser

/// The verb `top`.
struct TopCommand: SupervisorCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Shows what the agents do: processor, memory, calls, how long they take.",
        discussion: """
            On a terminal the table stays in place; n, c, m, r, l and x sort it, q or Ctrl-C quits. Elsewhere, \
            and with --once, --count or --json, tables are printed one after the other.

            The figures are of the time between two tables. P50 and P99 are read from buckets, each twice as wide \
            as the one before.
            """)

    @OptionGroup var fleet: FleetAddress

    @Option(
        name: [.customShort("d"), .long],
        help: ArgumentHelp("Seconds between two tables.", valueName: "seconds"))
    var interval = 2.0

    @Option(name: .shortAndLong, help: "Sort by this at first.")
    var sort = TopOrder.cpu

    @Option(name: [.customShort("n"), .long], help: "Print so many tables and end.")
    var count: Int?

    @Flag(help: "Print one table and end.")
    var once = false

    @Flag(help: "Print a line of JSON for each table.")
    var json = false

    func validate() throws {
        guard (0.1...3600).contains(interval) else {
            throw ValidationError("cannot wait \(interval) s: give 0.1 to 3600 seconds")
        }
        guard count.map({ $0 > 0 }) ?? true else {
            throw ValidationError("cannot print \(count ?? 0) tables: give 1 or more")
        }
    }

    func run(with supervisor: SupervisorClient) async throws -> ExitStatus {
        let first = try await FleetSample.take(from: supervisor)
        let tables = once ? 1 : count
        if StandardStream.output.isTerminal, tables == nil, !json {
            var screen = TopScreen(first, order: sort, palette: palette)
            await screen.run(supervisor, every: .seconds(interval))
        } else {
            try await print(tables, after: first, supervisor)
        }
        return .fine
    }

    /// Prints tables; a supervisor that went away is asked again, and only the last table is worth failing for.
    private func print(
        _ tables: Int?, after first: FleetSample, _ supervisor: SupervisorClient
    ) async throws {
        var previous = first
        var printed = 0
        while tables.map({ printed < $0 }) ?? true {
            try await Task.sleep(for: .seconds(interval))
            do {
                let sample = try await FleetSample.take(from: supervisor)
                let view = TopView(
                    status: sample.status,
                    agents: AgentActivity.between(previous, and: sample), order: sort)
                show(json ? [try Report.json(TopReport(view))] : view.lines(palette) + [""])
                previous = sample
            } catch let error as AgentCallError {
                guard printed + 1 != tables else { throw error }
                StandardStream.error.writeLine("op-agents: \(error.message)")
            }
            printed += 1
        }
    }
}
