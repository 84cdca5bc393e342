internal import AgentRuntime

/// A path that a call gives to cargo as the value of an option or variable.
struct CallerPath: Sendable, Hashable {
    /// As `args --target-dir` or `env.CARGO_HOME`.
    var argument: String
    /// As it is given; relative ones start from the project.
    var path: String
}

extension CallerPath {
    /// What becomes of an option or variable that says where cargo works or writes.
    ///
    /// What the project says itself, in its manifests, its `.cargo/config.toml` and its build scripts, is its owner's,
    /// and so is what rustc and the programs are told.
    fileprivate enum Rule {
        /// It must lie within the allowed roots.
        case confined
        /// It is refused, with what to do instead.
        case refused(String)
    }

    private static let options: [String: Rule] = [
        "--target-dir": .confined,
        "--artifact-dir": .confined,
        "--out-dir": .confined,
        "--lockfile-path": .confined,
        "--manifest-path": .refused("use the argument path"),
        "-C": .refused("use the argument path"),
        "--config": .refused("write it into the project's .cargo/config.toml"),
    ]

    private static let variables: [String: Rule] = [
        "CARGO_TARGET_DIR": .confined,
        "CARGO_BUILD_TARGET_DIR": .confined,
        "CARGO_BUILD_ARTIFACT_DIR": .confined,
        "CARGO_BUILD_OUT_DIR": .confined,
        "CARGO_RESOLVER_LOCKFILE_PATH": .confined,
        "CARGO_HOME": .confined,
        "RUSTUP_HOME": .confined,
        "HOME": .confined,
        "TMPDIR": .confined,
        // Its value is a template, and no path yet.
        "CARGO_BUILD_BUILD_DIR": .refused("use CARGO_TARGET_DIR"),
    ]

    /// The paths of a call.
    ///
    /// - Parameters:
    ///   - arguments: What cargo is to read as its options.
    ///   - environment: What the call adds to the environment.
    /// - Returns: The paths that have to be checked.
    /// - Throws: ``OperationError/Code/invalidArgument`` for an option or variable that a call may not set.
    static func all(
        in arguments: some Collection<String>, _ environment: [String: String]
    ) throws(OperationError) -> [CallerPath] {
        var paths: [CallerPath] = []
        let arguments = Array(arguments)
        for (index, argument) in arguments.enumerated() {
            let option = Self.option(argument)
            guard let rule = options[option] else { continue }
            let attached = argument.split(separator: "=", maxSplits: 1).dropFirst().first
            let next = arguments.dropFirst(index + 1).first
            // Where there is no value cargo says so.
            try paths.add(attached.map(String.init) ?? next ?? "", of: "args \(option)", by: rule)
        }
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
            guard let rule = variables[name] else { continue }
            try paths.add(value, of: "env.\(name)", by: rule)
        }
        return paths
    }

    /// The option that an argument is: `-C` also where its value is attached, or other letters stand before it.
    private static func option(_ argument: String) -> String {
        guard argument.hasPrefix("-"), !argument.hasPrefix("--") else {
            return String(argument.prefix { $0 != "=" })
        }
        // Letters share a dash up to the first that takes a value: -p, -F, -j, -Z.
        let letters = argument.dropFirst().prefix { !"pFjZ".contains($0) }
        return letters.contains("C") ? "-C" : argument
    }
}

extension [CallerPath] {
    fileprivate mutating func add(
        _ path: String, of argument: String, by rule: CallerPath.Rule
    ) throws(OperationError) {
        switch rule {
        case .confined: append(CallerPath(argument: argument, path: path))
        case .refused(let remedy):
            throw OperationError(
                .invalidArgument,
                "cannot use the argument \(argument): a call may not set it; \(remedy)")
        }
    }
}
