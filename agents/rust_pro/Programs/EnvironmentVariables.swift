internal import AgentRuntime

/// The environment that programs get: little of the agent's own, and what the caller gives.
enum EnvironmentVariables {
    /// The most variables that a call may give.
    static let mostGiven = 64

    /// What is taken over from the agent's environment.
    private static let names: Set<String> = ["PATH", "HOME", "LANG", "TMPDIR"]
    /// The settings of the toolchain are taken over too.
    private static let prefixes = ["CARGO_", "RUSTUP_"]

    /// The part of the agent's environment that programs may see.
    static func scrubbed(_ own: [String: String]) -> [String: String] {
        own.filter { name, _ in
            names.contains(name) || prefixes.contains { name.hasPrefix($0) }
        }
    }

    /// Checks what a caller gives.
    ///
    /// - Parameter given: By their names.
    /// - Returns: The same.
    /// - Throws: ``OperationError/Code/invalidArgument`` for what cannot be a variable (environ(7)).
    static func checked(_ given: [String: String]) throws(OperationError) -> [String: String] {
        guard given.count <= mostGiven else {
            throw OperationError(
                .invalidArgument,
                "cannot use the argument env: it has \(given.count) variables; send at most \(mostGiven)"
            )
        }
        for (name, value) in given {
            let isName = name.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "_") || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            }
            guard isName, let first = name.unicodeScalars.first, !("0"..."9").contains(first) else {
                throw OperationError(
                    .invalidArgument,
                    "cannot use the argument env.\(name): it is no name; use letters, digits and _")
            }
            guard !value.utf8.contains(0) else {
                throw OperationError(
                    .invalidArgument,
                    "cannot use the argument env.\(name): it holds a zero byte; leave that out")
            }
        }
        return given
    }
}
