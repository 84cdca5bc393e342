internal import AgentRuntime

/// Where cargo and its companions are, and the environment that they run in.
struct RustToolchain: Sendable {
    /// The environment of programs, without what a call adds.
    let environment: [String: String]

    private let search: ExecutableSearch

    /// Creates a toolchain.
    ///
    /// Programs are searched in `PATH`, and then where rustup installs: services start with a `PATH` without it.
    ///
    /// - Parameters:
    ///   - variables: The agent's environment.
    ///   - home: The home directory.
    init(variables: [String: String], home: String) {
        var environment = EnvironmentVariables.scrubbed(variables)
        let cargoHome = environment["CARGO_HOME"] ?? "\(home)/.cargo"
        let given = environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        let directories = ExecutableSearch(path: given).directories
        let rustup = "\(cargoHome)/bin"
        search = ExecutableSearch(
            path: (directories + (directories.contains(rustup) ? [] : [rustup]))
                .joined(separator: ":"))
        // cargo finds its subcommands and rustc there too.
        environment["PATH"] = search.directories.joined(separator: ":")
        environment["HOME"] = home
        self.environment = environment
    }

    /// The absolute path of a program of the toolchain; nil where it is not installed.
    func find(_ name: String) -> String? {
        search.find(name)
    }

    /// The absolute path of cargo.
    ///
    /// - Throws: ``OperationError/Code/failedPrecondition`` with how to install it.
    func cargo() throws(OperationError) -> String {
        guard let cargo = find("cargo") else {
            throw OperationError(
                .failedPrecondition,
                "cannot run cargo: it is not in \(search.directories.joined(separator: ", ")); install it with rustup "
                    + "(https://rustup.rs) or with `apt install cargo`")
        }
        return cargo
    }
}
