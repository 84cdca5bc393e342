internal import AgentManifest
internal import ArgumentParser
internal import Glibc
internal import Logging
internal import SupervisorRuntime

/// Starts and keeps the fleet of agents.
@main
struct OpSupervisor: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "op-supervisor",
        abstract: "Starts the agents, keeps them running, and routes calls to them.",
        discussion: """
            Exit status: 0 after a stop that was asked for; 1 where it could not start or go on; 64 for \
            wrong arguments; 78 for a configuration that cannot be used.

            Signals: SIGTERM and SIGINT stop it, a second one at once; SIGHUP reads the configuration \
            again.
            """,
        version: "0.1.0")

    @Option(
        help: """
            The configuration file; by default $OP_AGENTS_CONFIG, else \
            \(FleetConfigurationLoader.defaultFile) if that exists.
            """)
    var config: String?

    @Option(
        help: "Leave out what is less severe: debug, info, notice, warning, error.",
        transform: level)
    var logLevel = Logger.Level.info

    @Flag(help: "Write to standard error in colour, whatever it is.")
    var foreground = false

    /// Runs until it is asked to stop.
    ///
    /// Not an asynchronous main function: signals have to be blocked in every thread, and libdispatch
    /// parks the main thread of one with none blocked.
    func run() throws {
        let sink: any OutputSink =
            foreground
            ? TerminalSink(descriptor: STDERR_FILENO, isColored: getenv("NO_COLOR") == nil)
            : OutputSinks.standard()
        let level = logLevel
        let logger = Logger(label: FleetLogHandler.name) { _ in
            FleetLogHandler(sink: sink, level: level)
        }
        let loader = FleetConfigurationLoader(
            file: config, environment: ChildEnvironment.own(),
            executableDirectory: ProgramLocator.ownDirectory, userID: geteuid())
        do {
            let process = try SupervisorProcess(
                SupervisorProcess.Parts(
                    loadConfiguration: { try loader.load() }, sink: sink, logger: logger,
                    version: Self.configuration.version))
            try BlockingTask.run { try await process.run() }
        } catch {
            // Straight to standard error, where whoever started it looks first.
            let sentence = Array("\(error)\n".utf8)
            write(STDERR_FILENO, sentence, sentence.count)
            throw error is ConfigurationError ? ExitCode(EX_CONFIG) : ExitCode.failure
        }
    }

    private static func level(_ name: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: name) else {
            let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("cannot log at the level \(name): the levels are \(levels)")
        }
        return level
    }
}
