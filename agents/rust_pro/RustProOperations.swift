internal import AgentRuntime

/// The agent's operations: their names, arguments and what carries them out.
struct RustProOperations: Sendable {
    private let cargo: CargoRunner
    private let formatter: CargoFormatter
    private let versions: ToolVersions
    private let paths: PathConfinement

    /// Creates the operations.
    ///
    /// - Parameters:
    ///   - programs: Runs cargo.
    ///   - toolchain: Where cargo is.
    ///   - paths: Keeps the paths of callers within the allowed roots.
    init(programs: any ProgramRunning, toolchain: RustToolchain, paths: PathConfinement) {
        self.paths = paths
        cargo = CargoRunner(programs: programs, toolchain: toolchain, paths: paths)
        formatter = CargoFormatter(programs: programs, toolchain: toolchain, paths: paths)
        versions = ToolVersions(programs: programs, toolchain: toolchain)
    }

    /// All of them, in the order in which they are listed.
    var all: [Operation] {
        CargoSubcommand.allCases.map(operation(of:)) + [fmt, version]
    }

    private func operation(of subcommand: CargoSubcommand) -> Operation {
        Operation(
            subcommand.rawValue, subcommand.summary, isStreaming: true,
            isReadOnly: subcommand.isReadOnly,
            arguments: CargoCommand.arguments(of: subcommand)
        ) { arguments, context in
            // Messages of cargo take a while to read: not on the event loop.
            try await withTaskExecutorPreference(globalConcurrentExecutor) {
                try await cargo.run(subcommand, arguments, to: context.output)
            }
        }
    }

    private var fmt: Operation {
        Operation(
            "fmt", aliases: ["format"],
            "Formats the sources with rustfmt, or says what that would change.",
            arguments: [
                .projectPath,
                Argument(
                    "check", .boolean, default: true,
                    "Say what would change instead of changing it."),
            ]
        ) { arguments, _ in
            try await withTaskExecutorPreference(globalConcurrentExecutor) {
                try await formatter.run(arguments)
            }
        }
    }

    private var version: Operation {
        Operation(
            "version", "The versions and paths of rustc, cargo, clippy and rustfmt.",
            isReadOnly: true,
            arguments: [
                Argument(
                    "path", .string(maxBytes: 4096),
                    "The directory that selects the toolchain; without it, the default one.")
            ]
        ) { arguments, _ in
            var directory = "/"
            if let path = arguments.string("path"), !path.isEmpty {
                directory = try paths.resolve(path)
            }
            let tools = try await withTaskExecutorPreference(globalConcurrentExecutor) {
                try await versions.tools(in: directory)
            }
            return OperationResult(
                summary: ToolVersions.names
                    .map { "\($0) \(tools[$0]?.version ?? "not installed")" }
                    .joined(separator: ", "),
                fields: Dictionary(
                    uniqueKeysWithValues: ToolVersions.names.map { ($0, tools[$0]?.json ?? .null) })
            )
        }
    }
}

extension ToolVersions.Tool {
    fileprivate var json: JSONValue { ["version": .string(version), "path": .string(path)] }
}

extension CargoSubcommand {
    /// What it does, in a line.
    fileprivate var summary: String {
        switch self {
        case .check: "Checks that a project compiles, without building it."
        case .clippy: "Lints a project, and applies suggestions where asked to."
        case .build: "Builds a project."
        case .doc: "Builds a project's documentation, without its dependencies."
        case .bench: "Runs a project's benchmarks."
        case .test: "Runs a project's tests; a run without a test is no success."
        case .run: "Builds and runs a program of a project."
        }
    }

    /// Only fills the target directory.
    fileprivate var isReadOnly: Bool {
        switch self {
        case .check, .build, .doc, .bench, .test: true
        // It may apply suggestions, or do anything.
        case .clippy, .run: false
        }
    }
}
