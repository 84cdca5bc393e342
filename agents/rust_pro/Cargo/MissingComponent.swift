internal import AgentRuntime

/// Parts of a toolchain that cargo says are not installed.
enum MissingComponent {
    /// Tells a missing part of the toolchain from a project that cannot be built.
    ///
    /// - Parameters:
    ///   - error: What cargo or rustup said, without "error: ".
    ///   - command: What was run, for the message.
    /// - Throws: ``OperationError/Code/failedPrecondition`` with how to install it.
    static func check(_ error: String, running command: String) throws(OperationError) {
        let remedy: String
        if error.hasPrefix("no such command: ")
            || error.contains(" is not installed for the toolchain")
        {
            remedy = "install it with `rustup component add \(component(of: command))`"
        } else if error.hasPrefix("rustup could not choose a version of") {
            remedy = "choose one with `rustup default stable`"
        } else if error.hasPrefix("toolchain '"), error.hasSuffix("is not installed") {
            remedy = "install it with `rustup toolchain install`"
        } else {
            return
        }
        throw OperationError(.failedPrecondition, "cannot run \(command): \(error); \(remedy)")
    }

    private static func component(of command: String) -> String {
        switch command {
        case "cargo fmt": "rustfmt"
        case "cargo clippy": "clippy"
        default: command.split(separator: " ").last.map(String.init) ?? command
        }
    }
}
