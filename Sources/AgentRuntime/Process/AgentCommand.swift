internal import ArgumentParser

/// The command line of an agent.
struct AgentCommand<Served: Agent>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: CommandLine.arguments.first.map { path in
                String(path.split(separator: "/").last ?? "op-agent")
            },
            abstract: Served.summary,
            discussion: """
                Serves the agent "\(Served.id)": adopts the sockets that a supervisor or systemd passes, \
                or listens on 127.0.0.1:\(Served.defaultPort).
                """,
            version: ProductVersion.current)
    }

    @OptionGroup var options: AgentOptions
}
