internal import AgentRuntime

extension CargoCommand {
    /// Seconds that a run may take where nothing is said.
    static let usualTimeLimit: Int64 = 600
    /// The longest that a run may take, in seconds.
    static let longestTimeLimit: Int64 = 3600
    /// The most that a program gets to read, in bytes.
    static let longestInput = 1 << 20

    private static let nameLength = 256

    /// What a call may say about a subcommand.
    static func arguments(of subcommand: CargoSubcommand) -> [Argument] {
        switch subcommand {
        case .check, .build, .bench: building + allTargets + common
        case .clippy: building + allTargets + fixing + common
        case .doc: building + common
        case .test: building + allTargets + testing + common
        case .run: building + running + common
        }
    }

    private static let building: [Argument] = [
        .projectPath,
        Argument("package", .string(maxBytes: nameLength), "Only this package of a workspace."),
        Argument(
            "features", .array(.string(maxBytes: nameLength), maxCount: 256),
            "Features to switch on: an array, or names separated by commas."),
        Argument("all_features", .boolean, default: false, "Switch all features on."),
        Argument("release", .boolean, default: false, "Build optimised; benchmarks always are."),
    ]

    private static let allTargets = [
        Argument(
            "all_targets", .boolean, default: false,
            "Libraries, binaries, tests, examples and benches.")
    ]

    private static let fixing = [
        Argument(
            "fix", .boolean, default: false,
            "Apply the suggestions that can be applied by machine; add --allow-dirty to args where there are uncommitted changes."
        )
    ]

    private static let testing = [
        Argument("filter", .string(maxBytes: 1024), "Only tests whose name contains this."),
        Argument("no_run", .boolean, default: false, "Build the tests, run none."),
    ]

    private static let running = [
        Argument("bin", .string(maxBytes: nameLength), "The binary to run."),
        Argument("example", .string(maxBytes: nameLength), "The example to run instead."),
        Argument(
            "stdin", .string(maxBytes: longestInput),
            "What the program reads, at most 1 MiB; then the end of it."),
    ]

    private static let common = [
        Argument(
            "args", .array(.string(maxBytes: 64 * 1024), maxCount: 1024),
            "Passed on, one argument each: to the program for run, to cargo otherwise; after \"--\" to the test programs."
        ),
        Argument("env", .stringMap, "Variables to add to the environment, at most 64."),
        Argument(
            "color", .boolean, default: false, "Leave the terminal colours of diagnostics in."),
        Argument(
            "timeout_secs", .integer(1...longestTimeLimit), default: .int(usualTimeLimit),
            "Seconds until it is ended, at most 3600."),
    ]
}

extension Argument {
    /// The project that a call is about.
    static let projectPath = Argument(
        "path", .string(maxBytes: 4096), default: ".",
        "Directory of the crate or workspace, within the allowed roots.")
}
