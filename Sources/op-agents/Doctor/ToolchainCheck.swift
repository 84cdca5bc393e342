import AgentManifest
import Glibc

/// Whether the programs that rust_pro runs are found where it looks for them.
struct ToolchainCheck: Check {
    /// A program of the toolchain.
    struct Tool: Equatable, Sendable {
        let name: String
        /// What it prints of itself; `nil` where it is not found or does not run.
        let version: String?
        /// Without it the agent can do nothing at all.
        let isEssential: Bool
        let remedy: String
    }

    let tools: [Tool]
    /// Where they are looked for.
    let path: String

    func findings() -> [Finding] {
        tools.map { tool in
            if let version = tool.version { return .ok("toolchain", version) }
            let message = "rust_pro finds no \(tool.name) that runs in \(path)"
            return tool.isEssential
                ? .error("toolchain", message, remedy: tool.remedy)
                : .warning("toolchain", message, remedy: tool.remedy)
        }
    }
}

extension ToolchainCheck {
    /// Runs the programs as rust_pro would; `nil` where the fleet has no such agent.
    ///
    /// They are looked for in the PATH of the agents, then where rustup installs them. Whoever answers as the
    /// supervisor chooses that environment, and its user what lies there: so root runs them as that user, and
    /// in an environment of its own where the user would be root.
    init?(_ surroundings: Surroundings) {
        guard let agent = surroundings.agents.first(where: { $0.id == "rust_pro" }) else {
            return nil
        }
        let isRoot = geteuid() == 0
        let isForeign = surroundings.supervisorID != nil
        let userID = isRoot && surroundings.userID != 0 ? surroundings.userID : nil
        var environment =
            isRoot && isForeign && userID == nil
            ? ProcessFacts.environment
            : surroundings.environment.merging(agent.environment) { $1 }
        let home = environment["HOME"] ?? "/root"
        let rustup = (environment["CARGO_HOME"] ?? home + "/.cargo") + "/bin"
        let path = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin") + ":" + rustup
        environment["PATH"] = path
        let install = "install it with rustup (https://rustup.rs) or apt install "
        self.path = path
        tools = [
            (["cargo", "--version"], true, install + "cargo"),
            (["rustc", "--version"], true, install + "rustc"),
            (
                ["cargo", "clippy", "--version"], false,
                "rustup component add clippy, or " + install + "rust-clippy"
            ),
            (
                ["cargo", "fmt", "--version"], false,
                "rustup component add rustfmt, or " + install + "rustfmt"
            ),
        ].map { words, isEssential, remedy in
            let output = ProgramOutput.text(
                words, environment: environment, userID: userID)
            return Tool(
                name: words.dropLast().joined(separator: " "),
                version: output?.split(separator: "\n").first.map(String.init),
                isEssential: isEssential, remedy: remedy)
        }
    }
}
