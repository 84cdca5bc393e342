internal import AgentRuntime

/// The toolchain that a directory selects: by its `rust-toolchain.toml`, an override of rustup, or the PATH.
struct ToolVersions: Sendable {
    /// One program of it.
    struct Tool: Sendable, Hashable {
        /// As "1.95.0".
        var version: String
        var path: String
    }

    /// The programs that are asked for, in the order in which they are named.
    static let names = ["rustc", "cargo", "clippy", "rustfmt"]
    private static let timeLimit = Duration.seconds(60)

    let programs: any ProgramRunning
    let toolchain: RustToolchain

    /// Asks the programs for their versions.
    ///
    /// - Parameter directory: An absolute path.
    /// - Returns: The tools that are installed, by their names.
    /// - Throws: ``OperationError/Code/failedPrecondition`` where there is neither rustc nor cargo, and
    ///   `CancellationError`.
    func tools(in directory: String) async throws -> [String: Tool] {
        _ = try toolchain.cargo()
        let sysroot = try await line(of: "rustc", ["--print", "sysroot"], in: directory)
        return try await withThrowingTaskGroup(of: (String, Tool?).self) { group in
            for name in Self.names {
                group.addTask { (name, try await tool(name, sysroot: sysroot, in: directory)) }
            }
            var tools: [String: Tool] = [:]
            for try await (name, tool) in group { tools[name] = tool }
            return tools
        }
    }

    private func tool(
        _ name: String, sysroot: String?, in directory: String
    ) async throws -> Tool? {
        // clippy and rustfmt are run through cargo by people, so that is how they are found.
        let command =
            switch name {
            case "clippy": ("cargo", ["clippy", "--version"], "cargo-clippy")
            case "rustfmt": ("cargo", ["fmt", "--version"], "rustfmt")
            default: (name, ["--version"], name)
            }
        guard let line = try await line(of: command.0, command.1, in: directory) else { return nil }
        let words = line.split(separator: " ")
        guard words.count > 1 else { return nil }
        // What is in the PATH may be rustup's, which only stands before the real one.
        let real = sysroot.map { "\($0)/bin/\(command.2)" }
        let path = real.flatMap { ExecutableSearch.isExecutable($0) ? $0 : nil }
        return Tool(
            version: String(words[1]), path: path ?? toolchain.find(command.2) ?? "")
    }

    /// The first line that a program prints; nil where there is none, or it fails.
    private func line(
        of name: String, _ arguments: [String], in directory: String
    ) async throws -> String? {
        guard let path = toolchain.find(name) else { return nil }
        let output = try await programs.output(
            of: Program(
                executable: path, arguments: arguments, environment: toolchain.environment,
                directory: directory, timeLimit: Self.timeLimit))
        guard output.end == .exited(0) else { return nil }
        return output.stdoutText.split(separator: "\n").first.map(String.init)
    }
}
